// The console's script. Pages work without it; with it they stay current by themselves: the server
// says that something changed, the parts marked data-live are fetched again and changed in place,
// so that nothing an agent types, selects or scrolls is lost.
'use strict';
const page = document.body;
const say = JSON.parse(page.dataset.words);
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const SCRIPT = { 'X-Console': '1' };

// The server writes days and times; it has to know whose.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const zoneIsNew = !document.cookie.includes(`sangdam_zone=${encodeURIComponent(zone)}`);
document.cookie = `sangdam_zone=${encodeURIComponent(zone)};path=/;max-age=31536000;samesite=lax`;

// Countries come as codes; the browser knows what they are called, in the language of the page.
function regions(root) {
  const names = new Intl.DisplayNames([document.documentElement.lang], { type: 'region', fallback: 'code' });
  for (const select of $$('[data-regions]', root)) {
    const found = [...select.options].filter((one) => one.value);
    for (const one of found) one.textContent = names.of(one.value);
    select.append(...found.sort((a, b) => a.textContent.localeCompare(b.textContent, document.documentElement.lang)));
  }
}
regions(document);

// A list is gone back to as it was left: with what was looked for, its filter and its page.
function left() {
  const asked = new URLSearchParams(location.search);
  asked.delete('lang');
  sessionStorage.setItem(`list:${location.pathname}`, asked);
}
left();
for (const link of $$('a.back')) link.search ||= sessionStorage.getItem(`list:${link.pathname}`) || '';

// ── Parts that stay current ────────────────────────────────────────────────────────────────

/** Make `old` look like `fresh`, touching only what differs. Elements with an id are kept by it. */
function morph(old, fresh) {
  const known = new Map([...old.children].filter((el) => el.id).map((el) => [el.id, el]));
  let here = old.firstChild;
  for (const node of [...fresh.childNodes]) {
    const match = (node.id && known.get(node.id)) || here;
    const same = match && match.nodeName === node.nodeName && (match.id || '') === (node.id || '');
    if (!same) {
      old.insertBefore(node, here);
      continue;
    }
    if (match !== here) old.insertBefore(match, here);
    here = match.nextSibling;
    if (match.isEqualNode(node)) continue;
    if (match.nodeType === Node.ELEMENT_NODE && match.matches('form :is(.wrong, [data-found])') && node.matches('.wrong, [data-found]')) continue; // said by us
    if (match.nodeType !== Node.ELEMENT_NODE) {
      match.nodeValue = node.nodeValue;
      continue;
    }
    for (const { name } of [...match.attributes]) if (!node.hasAttribute(name) && name !== 'open') match.removeAttribute(name);
    for (const { name, value } of [...node.attributes]) if (match.getAttribute(name) !== value) match.setAttribute(name, value);
    morph(match, node);
  }
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
}

const atEnd = (el) => el.scrollHeight - el.scrollTop - el.clientHeight < 80;
const toEnd = (el) => { el.scrollTop = el.scrollHeight; };
const newer = $('.newer');

function put(name, html) {
  const part = $(`[data-live="${name}"]`);
  if (!part) return;
  const holder = document.createElement('template');
  holder.innerHTML = html;
  regions(holder.content); // as they are in the page, or their places would be changed
  const stick = 'stick' in part.dataset && atEnd(part);
  const before = part.lastElementChild && part.lastElementChild.id;
  morph(part, holder.content);
  if (stick) toEnd(part);
  else if ('stick' in part.dataset && part.lastElementChild && part.lastElementChild.id !== before) newer.hidden = false;
}

let running = null;
let again = false;

/** Fetch all parts of this page, `true` if that worked; what is asked for meanwhile is one more round. */
async function refresh() {
  if (running) { again = true; return running; }
  running = (async () => {
    do {
      again = false;
      const answer = await fetch(location.href, { headers: { 'X-Console': 'news' }, cache: 'no-store' });
      if (answer.status === 401) return signedOut();
      if (!answer.ok) return;
      told = false;
      for (const [name, html] of Object.entries(await answer.json())) put(name, html);
      if ($('[data-reload]')) return location.reload(); // what was waited for is a page of its own
      title();
    } while (again);
    return true;
  })().catch(() => {}).finally(() => { running = null; });
  return running;
}

// What is written in a form would be lost with the page; it can still be sent after signing in again.
let told = false;
function signedOut() {
  const unsaved = $$('form[data-ajax]').find((form) => form !== composer && [...form.elements].some((one) => one.type !== 'hidden' && 'defaultValue' in one && one.value !== one.defaultValue));
  if (!unsaved) return location.reload();
  if (!told) wrong(unsaved, signIn());
  told = true;
}
const signIn = () => ({ detail: say['error.signed_out'], link: { url: '/console/login', text: say.login } });

/** Make this page's forms those of the session that the same agent began elsewhere; whether there is one. */
async function renewed() {
  const answer = await fetch('/console', { cache: 'no-store' });
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').body.dataset;
  if (!fresh.csrf || fresh.me !== page.dataset.me) return false;
  page.dataset.csrf = fresh.csrf;
  for (const field of $$('[name=csrf]')) field.value = fresh.csrf;
  return true;
}

const plainTitle = document.title;
function title() {
  const waiting = $('[data-waiting]');
  document.title = (waiting ? `(${waiting.dataset.waiting}) ` : '') + plainTitle;
}

let timer = 0;
let due = Infinity;
function soon(delay) {
  if (Date.now() + delay >= due) return;
  clearTimeout(timer);
  due = Date.now() + delay;
  timer = setTimeout(() => { due = Infinity; refresh(); }, delay);
}

const typing = $('.typing');
let typingEnds = 0;
function listen() {
  const source = new EventSource(page.dataset.stream);
  let lost = false;
  source.onopen = () => { if (lost) soon(0); lost = false; };
  source.addEventListener('desk', () => soon(1200));
  source.addEventListener('customer', () => { for (const one of $$('.typing, .writing')) one.hidden = true; soon(80); });
  source.addEventListener('typing', (event) => {
    if (event.data !== 'customer' || !typing) return;
    typing.hidden = false;
    clearTimeout(typingEnds);
    typingEnds = setTimeout(() => { typing.hidden = true; }, 5000);
  });
  for (const kind of ['editing', 'writing']) source.addEventListener(kind, (event) => document.dispatchEvent(new CustomEvent(kind, { detail: JSON.parse(event.data) })));
  source.onerror = () => {
    lost = true;
    if (source.readyState === EventSource.CLOSED) setTimeout(() => { listen(); soon(0); }, 4000);
  };
  addEventListener('pagehide', () => source.close(), { once: true });
}
listen();
addEventListener('pageshow', (event) => { if (event.persisted) { listen(); soon(0); } });
setInterval(() => { if (!document.hidden) soon(0); }, 60e3);
// What is being done just now is followed until it is done.
setInterval(() => { if ($('[data-running]') && !document.hidden) refresh(); }, 800);
document.addEventListener('visibilitychange', () => { if (!document.hidden) soon(0); });
title();
if (zoneIsNew) soon(0);
// The browser goes there itself, but of a long page perhaps not yet.
const aim = document.getElementById(location.hash.slice(1));
for (const el of $$('[data-stick]')) {
  if (el.contains(aim)) aim.scrollIntoView();
  else toEnd(el);
  el.addEventListener('scroll', () => { if (atEnd(el)) newer.hidden = true; }, { passive: true });
  newer.addEventListener('click', () => toEnd(el));
}

// ── Forms ──────────────────────────────────────────────────────────────────────────────────

const toast = $('#toast');
let toastEnds = 0;
function tell(text, bad) {
  toast.textContent = text;
  toast.className = bad ? 'bad show' : 'show';
  clearTimeout(toastEnds);
  toastEnds = setTimeout(() => { toast.className = ''; }, bad ? 8000 : 3500);
}

const done = sessionStorage.getItem('said');
sessionStorage.removeItem('said');
if (done) tell(done);

function wrong(form, problem) {
  const place = $('.wrong', form);
  if (!place) return tell(problem.detail, true);
  place.textContent = problem.detail;
  if (problem.link) {
    const link = Object.assign(document.createElement('a'), { href: problem.link.url, textContent: problem.link.text, target: '_blank' });
    place.append(' ', link);
  }
  place.hidden = false;
  // What is wrong with one field is said there, too, until something is changed.
  const field = form.elements[problem.field];
  if (!field?.willValidate) return;
  field.setCustomValidity(problem.detail);
  field.reportValidity();
  form.addEventListener('input', () => field.setCustomValidity(''), { once: true });
}

async function send(form, submitter) {
  if (form.ariaBusy === 'true') return;
  form.ariaBusy = 'true';
  const place = $('.wrong', form);
  if (place) place.hidden = true;
  let sent, before;
  const filled = () => JSON.stringify([...new FormData(form)].map(String));
  const post = () => {
    sent = new FormData(form, submitter);
    before = filled();
    return fetch(form.action, { method: 'POST', headers: SCRIPT, body: form.enctype.startsWith('multipart') ? sent : new URLSearchParams(sent) });
  };
  try {
    let answer = await post();
    // Signed in again in another tab: nothing was done, and what is written here is as good as before.
    if (answer.status === 403 && (await answer.clone().json()).code === 'stale_form' && await renewed()) answer = await post();
    const body = answer.headers.get('Content-Type').includes('json') ? await answer.json() : {};
    if (!answer.ok) {
      wrong(form, answer.status === 401 ? signIn() : { detail: say.error, ...body });
      form.dispatchEvent(new CustomEvent('refused', { detail: body }));
      const conflict = body.html && $('.conflict', form);
      if (conflict) {
        conflict.innerHTML = body.html; // made by the server
        conflict.focus();
        conflict.scrollIntoView({ block: 'start' });
      }
      if (answer.status === 409) refresh();
      return;
    }
    for (const [name, value] of Object.entries(body.fields || {})) {
      // What was typed while the form was on its way is not part of what was sent.
      const field = form.elements[name];
      if (field && (field.type === 'hidden' || field.value === sent.get(name))) field.value = value;
    }
    form.dispatchEvent(new CustomEvent('sent', { detail: body }));
    for (const field of $$('[data-find]', form)) find(field);
    const pop = form.closest('[popover]');
    if (pop) pop.hidePopover();
    const more = form.closest('.finish');
    if (more) { more.open = false; form.reset(); }
    const go = form.dataset.go || body.go;
    if (go && body.said) sessionStorage.setItem('said', body.said); // it is read on the page that follows
    // Whoever goes back from what a form made finds no form that makes it once more.
    if (go) return 'once' in form.dataset ? location.replace(go) : location.assign(go);
    if (body.said) tell(body.said);
    for (const [name, html] of Object.entries(body.parts || {})) {
      put(name, html);
      $(`[data-live="${name}"] [autofocus]`)?.focus();
    }
    // What was saved is what the form goes on from, as the server wrote it; what was typed since stays.
    if (await refresh() && 'kept' in form.dataset && filled() === before) form.reset();
  } catch {
    wrong(form, { detail: say['error.offline'] });
  } finally {
    form.ariaBusy = 'false';
    form.dispatchEvent(new Event('free'));
  }
}

document.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-ajax]')) {
    if (event.target.matches('[data-busy]')) event.target.ariaBusy = 'true';
    // Whoever signs in here next is not to read what somebody else had not sent.
    if (event.target.matches('[data-leaves]')) for (const key of Object.keys(sessionStorage)) if (/^(?:draft|list):/.test(key)) sessionStorage.removeItem(key);
    return;
  }
  event.preventDefault();
  send(event.target, event.submitter);
});
document.addEventListener('click', async (event) => {
  const copy = event.target.closest('[data-copy]');
  if (!copy) return;
  const field = $(copy.dataset.copy);
  field.select();
  try { await navigator.clipboard.writeText(field.value); } catch { if (!document.execCommand('copy')) return; } // not on plain http
  tell(copy.dataset.copied);
});
// What is asked before it is done opens by itself on the page that asks.
for (const one of $$('[popover][data-open]')) one.showPopover();
// A list goes on where it is.
document.addEventListener('click', (event) => {
  const more = event.target.closest('[data-more]');
  if (!more || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.replaceState(null, '', more.href);
  left();
  refresh();
});
// What somebody types is looked for when they pause: a syllable of Hangul is several strokes, and the
// last one of a name stays open until something else is done.
let pause = 0;
async function find(field) {
  clearTimeout(pause);
  const list = document.getElementById(field.getAttribute('aria-controls'));
  const q = field.value.trim();
  const answer = await fetch(`${field.dataset.find}&${new URLSearchParams({ q })}`, { headers: SCRIPT }).catch(() => {});
  if (!answer?.ok || field.value.trim() !== q) return;
  list.replaceChildren($('legend', list));
  list.insertAdjacentHTML('beforeend', await answer.text());
  if (q) list.scrollIntoView({ block: 'nearest' });
}
for (const kind of ['input', 'compositionend']) document.addEventListener(kind, (event) => {
  if (!event.target.matches('[data-find]')) return;
  clearTimeout(pause);
  pause = setTimeout(find, event.isComposing ? 500 : 200, event.target);
});
document.addEventListener('keydown', (event) => {
  if (!event.target.matches('[data-find]') || event.isComposing || event.keyCode === 229) return;
  const list = document.getElementById(event.target.getAttribute('aria-controls'));
  if (event.key === 'ArrowDown' && $('input', list)) {
    event.preventDefault();
    ($(':checked', list) || $('input', list)).focus();
    document.activeElement.checked = true;
  } else if (event.key === 'Enter' && !$(':checked', list)) {
    event.preventDefault();
    find(event.target);
  }
});
// A list to choose from, narrowed to what holds the words that are typed.
document.addEventListener('input', (event) => {
  const list = event.target.dataset.narrow && $(event.target.dataset.narrow);
  if (!list) return;
  // A syllable that is still being typed narrows nothing.
  const words = event.target.value.normalize().toLowerCase().replace(/[ㄱ-ㅣ]+$/, '').split(/\s+/);
  const choices = $$('label', list);
  for (const one of choices) {
    one.hidden = !words.every((word) => one.textContent.toLowerCase().includes(word));
    if (one.hidden && one.control) one.control.checked = false; // what nobody sees is not chosen
  }
  $('[role=status]', list).hidden = choices.some((one) => !one.hidden);
});
document.addEventListener('change', (event) => { if (event.target.matches('[data-submit]')) event.target.form.requestSubmit(); });

// ── The composer ───────────────────────────────────────────────────────────────────────────

const composer = $('.composer');
if (composer) {
  const { text } = composer.elements;
  const draft = `draft:${page.dataset.me}:${composer.dataset.draft}`;
  const mode = () => composer.elements.mode.value;
  const grow = () => { text.style.height = 'auto'; text.style.height = `${Math.min(text.scrollHeight + 2, innerHeight * .4)}px`; };
  const keep = () => { if (text.value) sessionStorage.setItem(draft, JSON.stringify([mode(), text.value])); else sessionStorage.removeItem(draft); };
  let typed = 0;
  let sendAfterIme = false;
  let next = false;
  const kept = JSON.parse(sessionStorage.getItem(draft) || 'null');
  if (kept) [composer.elements.mode.value, text.value] = kept;
  grow();
  composer.addEventListener('change', keep);
  text.addEventListener('input', () => {
    keep();
    grow();
    if (mode() !== 'reply' || !text.value.trim() || Date.now() - typed < 3000) return;
    typed = Date.now();
    fetch(composer.dataset.typing, { method: 'POST', headers: SCRIPT, body: new URLSearchParams({ csrf: page.dataset.csrf }) }).catch(() => {});
  });
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    // A syllable still being composed is not in the field yet.
    if (event.isComposing || event.keyCode === 229) sendAfterIme = true;
    else if (!event.repeat && composer.ariaBusy === 'true') next = true; // the one before is on its way
    else if (!event.repeat) composer.requestSubmit();
  });
  text.addEventListener('compositionend', () => {
    if (sendAfterIme) setTimeout(() => composer.requestSubmit());
    sendAfterIme = false;
  });
  composer.addEventListener('free', () => {
    if (next && text.value.trim()) composer.requestSubmit();
    next = false;
  });
  composer.addEventListener('sent', () => {
    keep();
    grow();
    typed = 0;
    for (const el of $$('[data-stick]')) toEnd(el);
  });
}
for (const button of $$('[data-pane]')) {
  button.addEventListener('click', () => {
    for (const one of $$('[data-pane]')) one.setAttribute('aria-pressed', one === button);
    $('main').dataset.show = button.dataset.pane;
  });
}
// Of tabs that do not fit beside each other, the one that is open is seen.
const tab = $('.tabs [aria-current]');
if (tab) tab.parentElement.scrollLeft = tab.offsetLeft + tab.offsetWidth - tab.parentElement.clientWidth;
