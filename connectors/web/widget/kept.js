/*
 * The Sangdam chat widget: one script tag, no build step, no dependency.
 *
 *   <script src="https://chat.example.com/widget.js" data-lang="ko" data-color="#1d6f63" async></script>
 *
 * Attributes, all optional: data-lang (ko | en), data-theme (light | dark), data-color (any CSS
 * colour), data-position (left | right), data-name (the shop's name) and data-suggestions
 * ("first question|second question"). The last two also take -ko and -en endings.
 *
 * data-identity: who is logged in, signed by your site, or empty (docs/identity.md).
 *
 * JavaScript: Sangdam.open(question?), close(), setLanguage("ko" | "en") and identify(token).
 *
 * Three rules hold below. What the customer wrote is in localStorage under its own
 * client_id before anything is sent, and leaves it only when the server has answered for it.
 * Whatever comes from the server becomes text nodes, never markup. No tab trusts its memory: after
 * every interruption it asks the server for what came after the last message it has without a gap.
 */

const script = document.currentScript;
const given = { ...((script && script.dataset) || {}) };
const base = new URL('.', (script && script.src) || location.href).href;
const MAX_TEXT = 4000;
const KINDS = '.png,.jpg,.jpeg,.gif,.webp,.pdf,.txt,.csv,.zip,.docx,.xlsx,.pptx,.odt,.ods,.odp,.hwpx,.doc,.xls,.ppt,.hwp';
const SILENCE = 40e3; // milliseconds; the server sends a heartbeat every 15 s

// ── What this browser keeps ────────────────────────────────────────────────────────────────

const PREFIX = `sangdam:${base}:`;
const store = storage('localStorage');
const tab = storage('sessionStorage');

/** localStorage or sessionStorage under our prefix, or plain memory where the browser forbids them. */
function storage(kind) {
  let real = { getItem: () => null, setItem() { throw 0; }, removeItem() {}, length: 0, key: () => null };
  try { real = window[kind]; real.getItem(PREFIX); } catch { /* forbidden: memory alone */ }
  const memory = new Map();
  return {
    get: (name) => memory.get(name) ?? real.getItem(PREFIX + name),
    set(name, value) {
      try { real.setItem(PREFIX + name, value); memory.delete(name); } catch { memory.set(name, value); }
    },
    remove(name) { memory.delete(name); real.removeItem(PREFIX + name); },
    names() {
      const found = new Set(memory.keys());
      for (let i = 0; i < real.length; i++) {
        const name = real.key(i);
        if (name && name.startsWith(PREFIX)) found.add(name.slice(PREFIX.length));
      }
      return [...found];
    },
    json(name, fallback) {
      try { return JSON.parse(this.get(name)) ?? fallback; } catch { return fallback; }
    },
  };
}

/**
 * Unsent messages, one storage key each, so that two tabs never overwrite each other's. All tabs
 * see the same order and send a message only after the one before it was acknowledged, so the
 * order holds even where the Web Locks API is missing (plain http).
 */
const outbox = {
  all: () => store.names().filter((n) => n.startsWith('out:')).map((n) => store.json(n)).filter(Boolean)
    .sort((a, b) => a.at - b.at),
  put: (item) => store.set(`out:${item.client_id}`, JSON.stringify(item)),
  add(item) {
    const last = outbox.all().pop();
    const queued = { client_id: uuid(), at: Math.max(Date.now(), last ? last.at + 1 : 0), ...item };
    outbox.put(queued);
    return queued;
  },
  has: (id) => store.get(`out:${id}`) !== null,
  remove: (id) => store.remove(`out:${id}`),
};

function uuid() { // crypto.randomUUID exists on https only
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 15) | 64;
  b[8] = (b[8] & 63) | 128;
  return [...b].map((x, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + x.toString(16).padStart(2, '0')).join('');
}
