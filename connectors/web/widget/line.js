/* The line to the server: session, outbox and stream. */

/** A call that did not succeed: `wait` seconds as the server asked, `refused` when trying again is no use. */
class Trouble extends Error {
  constructor(message, details) { super(message); Object.assign(this, details); }
  static async from(response) {
    const problem = await response.json().catch(() => ({}));
    const after = response.headers.get('Retry-After');
    const wait = after && (Number(after) || (Date.parse(after) - Date.now()) / 1e3);
    return new Trouble(String(problem.detail || problem.title || ''), {
      status: response.status,
      wait: wait ? Math.min(Math.max(wait, 1), 300) : undefined,
      refused: [400, 409, 413, 415, 422].includes(response.status),
    });
  }
}

/** A signal that aborts after `ms` without `touch()`, or with its parent. */
function deadline(ms, parent) {
  const control = new AbortController();
  const stop = () => control.abort();
  let timer = setTimeout(stop, ms);
  if (parent) parent.aborted ? stop() : parent.addEventListener('abort', stop);
  return {
    signal: control.signal,
    touch() { clearTimeout(timer); timer = setTimeout(stop, ms); },
    done() { clearTimeout(timer); if (parent) parent.removeEventListener('abort', stop); },
  };
}

/** Runs `work` in one tab at a time; after 20 s of waiting (a frozen tab) it goes ahead, which is safe. */
async function alone(name, work) {
  if (!navigator.locks) return work();
  const patience = deadline(20e3);
  let began = false;
  try {
    return await navigator.locks.request(PREFIX + name, { signal: patience.signal }, () => {
      began = true;
      patience.done();
      return work();
    });
  } catch (error) {
    if (began) throw error;
    return work();
  }
}

/** Session, outbox and stream. One tab listens to the stream and tells the other tabs. */
class Line {
  constructor(changed) {
    this.changed = changed; // called after every change, with what arrived if it was a message
    this.lang = 'ko';
    this.token = store.get('token');
    this.seen = Number(store.get('seen')) || 0;
    this.cursor = this.seen; // everything up to here has been received, without a gap
    this.messages = new Map();
    this.past = []; // from a session the server no longer knows
    this.leaving = new Map(); // acknowledged in another tab, not yet received here
    this.typing = null;
    this.down = false;
    this.pausedUntil = 0; // the server takes no more of us before
    this.fails = 0;
    this.channel = window.BroadcastChannel ? new BroadcastChannel(PREFIX) : null;
    this.shared = !!(navigator.locks && this.channel);
    if (this.channel) this.channel.onmessage = (event) => this.heard(event.data);
    addEventListener('storage', (event) => this.stored(event));
    addEventListener('online', () => this.wake());
    addEventListener('offline', () => this.changed());
    addEventListener('pageshow', (event) => event.persisted && this.wake(true));
    addEventListener('pagehide', () => this.rest());
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.wake(!this.leads);
      else if (!this.shared) this.rest(); // browsers allow six connections per host
    });
    if (this.token) this.lead();
    this.flush();
  }

  get state() { return store.json('state', { holder: 'bot' }); }

  /** What the customer sees: earlier sessions, received messages in order, then what is still on its way. */
  list() {
    const received = this.received();
    const known = new Set(received.map((m) => m.client_id));
    const waiting = [...this.leaving.values(), ...outbox.all()].filter((o) => !o.survey && !known.has(o.client_id));
    return [...this.past, ...received, ...waiting.map((o) => this.draw(o))];
  }

  /** In order. A line of the kind "edit" is not shown: it gives an earlier one other words. */
  received() {
    const all = [...this.messages.values()].sort((a, b) => a.seq - b.seq);
    const edits = new Map(all.map((m) => [m.of, m]));
    return all.filter((m) => !m.of).map((m) => {
      const e = edits.get(m.id);
      return e ? { ...m, kind: 'text', text: e.text, changed: e.changed, attachments: e.changed === 'edited' && m.attachments } : m;
    });
  }

  draw(o) {
    return {
      id: o.client_id, client_id: o.client_id, author: 'customer', kind: 'text', text: o.text || o.title,
      buttons: [], at: new Date(o.at).toISOString(), pending: true, refused: o.refused,
    };
  }

  /** Whether what was written waits because it was much at once. */
  get paused() { return Date.now() < this.pausedUntil; }

  say(item) {
    outbox.add(item);
    this.changed();
    this.flush();
  }

  // Sessions

  adopt(token) {
    if (token !== this.token) {
      if (this.token) {
        const notice = { id: uuid(), author: 'system', kind: 'event', word: 'renewed', buttons: [], at: new Date().toISOString() };
        this.past = [...this.past, ...this.received(), notice].map((m) => ({ ...m, over: true }));
        this.messages.clear();
        this.leaving.clear();
        store.remove('state');
        this.look(0);
      }
      this.cursor = 0;
      this.token = token;
      this.changed();
      this.lead();
    }
    return token;
  }

  /** Another history from now on, or the same one with more in it: read from its beginning. */
  anew(token = this.token) {
    if (token) store.set('token', token);
    this.token = token;
    this.cursor = 0;
    this.messages.clear();
    this.look(0);
    this.changed();
    this.wake(true);
  }

  async session() {
    if (store.get('token')) return this.adopt(store.get('token'));
    return alone('session', async () => {
      if (!store.get('token')) {
        const limit = deadline(15e3);
        try {
          const response = await fetch(`${base}chat/sessions`, {
            method: 'POST', body: '{}', credentials: 'omit', signal: limit.signal, headers: this.headers(),
          });
          if (!response.ok) throw await Trouble.from(response);
          const { token } = await response.json();
          if (!store.get('token')) store.set('token', token); // another tab may have been faster
        } finally { limit.done(); }
      }
      return this.adopt(store.get('token'));
    });
  }

  headers(token) {
    const found = { 'Content-Type': 'application/json', 'Accept-Language': this.lang };
    if (token) found.Authorization = `Bearer ${token}`;
    return found;
  }

  /** A call in the customer's name. A session the server does not know is replaced, once. */
  async call(path, options = {}) {
    for (let renewed = false; ; renewed = true) {
      const token = await this.session();
      const response = await fetch(base + path, { credentials: 'omit', cache: 'no-store', ...options, headers: this.headers(token) });
      if (response.status !== 401) return response;
      if (renewed) throw new Trouble('', { wait: 60 });
      if (store.get('token') === token) store.remove('token');
    }
  }

  /** A short call: the decoded body, or Trouble. */
  async ask(path, body) {
    const limit = deadline(15e3);
    try {
      const options = body ? { method: 'POST', body: JSON.stringify(body), keepalive: true } : {};
      const response = await this.call(path, { ...options, signal: limit.signal });
      if (!response.ok) throw await Trouble.from(response);
      return response.status === 204 ? null : await response.json();
    } finally { limit.done(); }
  }

  // Sending

  async flush() {
    clearTimeout(this.later);
    if (this.paused) { this.later = setTimeout(() => this.flush(), this.pausedUntil - Date.now() + 50); return; }
    if (this.flushing) { this.again = true; return; }
    this.flushing = true;
    try {
      do {
        this.again = false;
        await alone('send', async () => {
          let item;
          while ((item = outbox.all().find((o) => !o.refused))) await this.post(item);
        });
      } while (this.again);
      this.fails = 0;
    } catch (error) {
      if (error.status === 429) {
        this.pausedUntil = Date.now() + (error.wait || 5) * 1e3;
        this.reach(true);
      } else this.reach(false);
      this.later = setTimeout(() => this.flush(), backoff(this.fails++, error.wait));
    } finally { this.flushing = false; }
    this.changed();
  }

  async post(item) {
    const { client_id, text, button, survey, comment } = item;
    try {
      if (survey) await this.ask(`chat/ratings/${encodeURIComponent(survey)}/comment`, { comment });
      else {
        const { id, seq } = await this.ask('chat/messages', text ? { client_id, text } : { client_id, button });
        const own = { ...this.draw(item), id, seq, pending: false };
        if (!this.messages.has(id)) this.messages.set(id, own);
        this.tell({ own });
      }
      outbox.remove(client_id);
      this.reach(true);
    } catch (error) {
      // A vote or score that was given before, perhaps in another window: there is nothing left to say
      if ((survey || button) && [404, 409, 422].includes(error.status)) { outbox.remove(client_id); this.sync(); return; }
      if (!error.refused) throw error;
      if (outbox.has(client_id)) outbox.put({ ...item, refused: error.message || true });
    }
    this.changed();
  }

  reach(up) {
    this.down = !up;
    this.changed();
  }

  // Receiving

  /** Takes messages that follow `prev` without a gap; when we lack something before, asks for it. */
  take(list, prev) {
    let fresh;
    for (const m of list) {
      if (!m || typeof m.seq !== 'number') continue;
      const mine = this.messages.get(m.id);
      if (!mine) fresh = m;
      this.messages.set(m.id, { ...m, client_id: m.client_id || (mine && mine.client_id), buttons: m.buttons || [] });
      if (m.client_id) this.leaving.delete(m.client_id);
      if (this.typing && this.typing.author === m.author) this.typing = null;
    }
    const last = list.length ? list[list.length - 1].seq : prev;
    if (prev <= this.cursor) this.cursor = Math.max(this.cursor, last);
    else this.sync();
    if (list.length) this.changed(fresh);
  }

  /** Asks for everything after `from`. */
  async sync(from = this.cursor) {
    if (!this.token) return;
    const leaving = [...this.leaving.keys()];
    try {
      for (;;) {
        const token = this.token;
        const { messages } = await this.ask(`chat/messages?after=${from}`);
        if (token !== this.token) { from = 0; continue; }
        this.take(messages, from);
        if (messages.length < 100) break;
        from = messages[messages.length - 1].seq;
      }
      for (const id of leaving) this.leaving.delete(id);
      this.reach(true);
    } catch { this.reach(false); }
  }

  /** Becomes, or queues to become, the tab that listens. A tab that comes into view takes over at once. */
  lead(steal) {
    this.rest();
    const stop = (this.stop = new AbortController());
    const run = () => this.listen(stop.signal);
    if (!this.shared) { run(); return; }
    navigator.locks.request(`${PREFIX}stream`, steal ? { steal: true } : { signal: stop.signal }, run).catch(() => {
      if (stop.signal.aborted) return;
      this.lead(); // another tab took over: stop listening, wait for our turn
    });
  }

  rest() {
    this.leads = false;
    if (this.stop) this.stop.abort();
  }

  async listen(signal) {
    this.leads = true;
    let tries = 0;
    while (!signal.aborted) {
      const began = Date.now();
      let wait;
      this.bytes = 0;
      try { await this.stream(signal); } catch (error) { wait = error.wait; }
      if (signal.aborted) break;
      if (this.bytes && Date.now() - began > 5e3) tries = 0;
      if (tries++) this.reach(false);
      await new Promise((resolve) => {
        this.hurry = resolve;
        signal.addEventListener('abort', resolve);
        setTimeout(resolve, backoff(tries - 1, wait));
      });
      if (!signal.aborted) await this.sync(); // works where a proxy withholds streams
    }
  }

  async stream(signal) {
    const limit = (this.pulse = deadline(SILENCE, signal));
    const slow = setInterval(() => { if (!this.bytes) this.sync(); }, 5e3);
    try {
      const response = await this.call(`chat/stream?after=${this.cursor}`, { signal: limit.signal });
      if (!response.ok) throw await Trouble.from(response);
      if (!/event-stream/.test(response.headers.get('Content-Type'))) throw new Trouble('not a stream');
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done || signal.aborted) return;
        limit.touch();
        this.heardAt = Date.now();
        if (!this.bytes) this.reach(true);
        this.bytes += value.length;
        const blocks = (rest + value.replace(/\r/g, '')).split('\n\n');
        rest = blocks.pop();
        for (const block of blocks) this.event(block);
      }
    } finally {
      clearInterval(slow);
      limit.done();
    }
  }

  event(block) {
    let name = 'message';
    let data = '';
    for (const line of block.split('\n')) {
      if (line.startsWith('event:')) name = line.slice(6).trim();
      else if (line.startsWith('data:')) data += line.slice(5);
    }
    if (!data) return; // a heartbeat
    const value = JSON.parse(data);
    const news = name === 'message' ? { message: value, prev: this.cursor } : { [name]: value };
    this.tell(news);
    this.apply(news);
  }

  apply({ message, prev, state, typing, reset }) {
    if (reset) this.anew();
    if (message) this.take([message], prev);
    if (state) { store.set('state', JSON.stringify(state)); this.changed(); }
    if (typing) {
      this.typing = { ...typing, until: Date.now() + 8e3 };
      setTimeout(() => { if (this.typing && this.typing.until <= Date.now()) { this.typing = null; this.changed(); } }, 8050);
      this.changed();
    }
  }

  // The other tabs

  tell(news) { if (this.channel) this.channel.postMessage({ token: this.token, ...news }); }

  heard(news) {
    if (news.forget) { this.clear(); return; }
    if (news.token !== this.token) return;
    if (!news.own) { this.apply(news); return; }
    if (!this.messages.has(news.own.id)) this.messages.set(news.own.id, news.own);
    this.leaving.delete(news.own.client_id);
    this.changed();
  }

  stored({ key, newValue, oldValue }) {
    if (!key || !key.startsWith(PREFIX)) return;
    const name = key.slice(PREFIX.length);
    if (name === 'token' && newValue) this.adopt(newValue);
    if (name === 'seen' && newValue) this.seen = Number(newValue);
    if (name.startsWith('out:')) {
      const item = JSON.parse(newValue || oldValue);
      if (newValue) this.leaving.delete(item.client_id);
      else if (!item.refused && ![...this.messages.values()].some((m) => m.client_id === item.client_id)) {
        this.leaving.set(item.client_id, item); // shown until the message itself arrives
        setTimeout(() => { if (this.leaving.has(item.client_id)) this.sync(); }, 1500);
      }
    }
    this.changed();
  }

  /** Back from sleep, the background or no network: nothing heard so far is taken for granted. */
  wake(takeOver) {
    this.fails = 0;
    this.flush();
    if (!this.token) { this.changed(); return; }
    this.sync();
    if (takeOver) this.lead(this.shared && !document.hidden);
    else if (this.leads && Date.now() - (this.heardAt || 0) > 20e3) this.lead(this.shared);
    if (this.hurry) this.hurry();
  }

  look(seq) {
    if (seq === this.seen) return;
    this.seen = seq;
    store.set('seen', seq);
  }

  /** For shared computers: nothing of the conversation stays in this browser. */
  forget() {
    for (const name of store.names()) store.remove(name);
    this.tell({ forget: true });
    this.clear();
  }

  clear() {
    this.rest();
    Object.assign(this, { token: null, seen: 0, cursor: 0, past: [], typing: null, down: false });
    this.messages.clear();
    this.leaving.clear();
    this.changed();
  }
}

const backoff = (tries, wait) => (wait ? wait * 1e3 : Math.min(30e3, 1000 * 2 ** tries) * (0.5 + Math.random() / 2));
