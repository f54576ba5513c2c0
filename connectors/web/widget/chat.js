/* The element: what the customer does. */

const CONFIRMS = /[\u3040-\u30ff\u3100-\u312f\u3400-\u9fff]/; // in kana or Han, Enter only confirms the conversion
const PHONE = matchMedia('(max-width: 479.98px)');

const length = (text) => [...text].length; // characters as the server counts them

class SangdamChat extends Talk {
  connectedCallback() {
    if (this.line) return;
    for (const name of ['theme', 'position']) if (given[name] && !this.dataset[name]) this.dataset[name] = given[name];
    for (const [name, value] of Object.entries(accent(given.color))) this.style.setProperty(name, value);
    this.nodes = new Map();
    this.stuck = true;
    const [page, chosen] = (tab.get('lang') || '').split('>');
    this.build();
    this.line = new Line((fresh) => this.soon(fresh));
    this.setLanguage((page === (given.lang || '') && chosen) || given.lang || navigator.language);
    this.text.value = tab.get('draft') || '';
    this.typed();
    if (tab.get('open') && !PHONE.matches) this.open(undefined, true);
  }

  get w() { return WORDS[this.lang]; }

  /** A setting of the script tag, in the current language if there is one. */
  setting(name) { return given[name + (this.lang === 'en' ? 'En' : 'Ko')] || given[name] || ''; }

  // Building

  build() {
    const root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet(); // a constructed sheet passes a strict Content-Security-Policy
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];

    this.badge = h('span', { id: 'badge', hidden: true, 'aria-hidden': 'true' });
    this.launcherText = h('span');
    this.launcher = h('button', { id: 'launcher', type: 'button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', onclick: () => this.open() },
      icon(ICON.mark, 27), this.launcherText, this.badge);

    this.face = h('div', { class: 'face', 'aria-hidden': 'true' });
    this.heading = h('h2', { id: 'title' });
    this.holder = h('p', { id: 'holder', role: 'status' });
    this.more = h('button', { class: 'round', id: 'more', type: 'button', 'aria-expanded': 'false', 'aria-controls': 'menu', onclick: () => this.toggleMenu() }, icon(ICON.more, 22));
    this.shut = h('button', { class: 'round', id: 'close', type: 'button', onclick: () => this.close() }, icon(ICON.close, 20));
    this.other = h('button', { id: 'language', type: 'button', onclick: () => this.switchLanguage() });
    this.forget = h('button', { id: 'forget', type: 'button', onclick: () => this.forgetAll() });
    this.menu = h('div', { id: 'menu', hidden: true }, this.other, this.forget);

    this.hello = h('div', { class: 'hello' });
    this.log = h('div', { id: 'log', role: 'log', 'aria-live': 'off', 'aria-relevant': 'additions' });
    this.dots = h('div', { id: 'typing', role: 'img', hidden: true }, h('i'), h('i'), h('i'));
    this.scroller = h('div', { id: 'scroll', role: 'region', tabindex: '0', onscroll: () => this.scrolled() }, this.hello, this.log, this.dots);

    this.newer = h('button', { id: 'newer', type: 'button', hidden: true, onclick: () => { this.bottom(); this.scroller.focus(); } });
    this.status = h('div', { id: 'status', role: 'status', hidden: true });
    this.text = h('textarea', { id: 'text', rows: '1', enterkeyhint: 'send', autocomplete: 'off', oninput: () => this.typed(true) });
    this.clip = h('button', { class: 'round', id: 'clip', type: 'button', onclick: () => this.pick() }, icon(ICON.clip, 20));
    this.button = h('button', { id: 'send', type: 'button', onpointerdown: (e) => e.preventDefault(), onclick: () => this.clickSend() }, icon(ICON.send, 20));
    this.human = h('button', { id: 'human', type: 'button', onclick: () => this.callHuman() });
    this.hint = h('span', { id: 'hint' });
    this.keys();

    this.panel = h('section', { id: 'panel', role: 'dialog', 'aria-labelledby': 'title', 'aria-describedby': 'holder', tabindex: '-1', hidden: true, onkeydown: (e) => this.keydown(e) },
      h('div', { class: 'head' }, this.face, h('div', { class: 'who' }, this.heading, this.holder), this.more, this.shut, this.menu),
      this.scroller,
      h('div', { class: 'foot' }, this.newer, this.status, h('div', { class: 'field' }, this.clip, this.text, this.button), h('div', { class: 'under' }, this.human, this.hint)));
    root.append(this.launcher, this.panel);

    for (const name of ['dragover', 'drop', 'paste']) this.panel.addEventListener(name, (e) => this.carried(e));
    new ResizeObserver(() => this.stuck && this.bottom()).observe(this.scroller);
    root.addEventListener('click', (e) => { if (!this.menu.hidden && !e.composedPath().some((n) => n === this.menu || n === this.more)) this.toggleMenu(); });
    document.addEventListener('visibilitychange', () => this.soon());
    PHONE.addEventListener('change', () => this.fit());
    if (window.visualViewport) for (const name of ['resize', 'scroll']) visualViewport.addEventListener(name, () => this.fit());
  }

  setLanguage(language) {
    const lang = /^ko/i.test(language || '') ? 'ko' : 'en';
    if (lang === this.lang) return;
    this.lang = this.line.lang = lang;
    const { w } = this;
    this.panel.lang = this.launcher.lang = lang;
    this.launcherText.textContent = w.launcher;
    this.heading.textContent = this.setting('name') || w.title;
    for (const [part, words] of [[this.more, w.menu], [this.shut, w.close], [this.button, w.send], [this.clip, w.attach], [this.scroller, w.log], [this.text, w.placeholder]]) part.setAttribute('aria-label', words);
    this.text.placeholder = w.placeholder;
    this.other.textContent = w.other;
    this.other.lang = lang === 'ko' ? 'en' : 'ko';
    this.forget.textContent = w.forget;
    this.newer.replaceChildren(icon(ICON.down, 16), w.newer);
    const starters = this.setting('suggestions').split('|').map((s) => s.trim()).filter(Boolean);
    this.starters = starters.length && h('div', { class: 'starters' }, starters.map((s) => h('button', { class: 'row', type: 'button', onclick: () => { this.ask(s); this.text.focus(); } }, s, icon(ICON.next, 16))));
    this.hello.replaceChildren(h('h3', null, w.hello), h('p', null, w.intro), ...(this.starters ? [this.starters] : []));
    this.clock = new Intl.DateTimeFormat(lang, { hour: 'numeric', minute: '2-digit' });
    this.calendar = new Intl.DateTimeFormat(lang, { month: 'long', day: 'numeric', weekday: 'short' });
    this.nodes.clear();
    this.log.replaceChildren();
    this.quietly();
    this.typed();
    this.draw();
  }

  switchLanguage() {
    this.setLanguage(this.lang === 'ko' ? 'en' : 'ko');
    tab.set('lang', `${given.lang || ''}>${this.lang}`);
    this.toggleMenu();
  }

  /** What is drawn next is history: not read aloud, not animated. */
  quietly() {
    this.live = false;
    this.log.setAttribute('aria-live', 'off');
    clearTimeout(this.settling);
    this.settling = setTimeout(() => { this.live = true; this.log.setAttribute('aria-live', 'polite'); }, 400);
  }

  // Opening and closing

  async open(question, quiet) {
    if (this.panel.hidden) {
      this.back = document.activeElement === document.body || this.contains(document.activeElement) ? null : document.activeElement;
      this.panel.hidden = false;
      this.launcher.hidden = true;
      this.launcher.setAttribute('aria-expanded', 'true');
      tab.set('open', '1');
      this.quietly();
      this.fit();
      if (!quiet) (TOUCH.matches ? this.panel : this.text).focus({ preventScroll: true });
      this.stuck = true;
      this.draw();
    }
    if (!this.whole) {
      this.whole = true;
      this.line.sync(0);
    }
    if (question && String(question).trim()) this.ask(String(question));
  }

  close() {
    if (this.panel.hidden) return;
    this.panel.hidden = true;
    this.launcher.hidden = false;
    this.launcher.setAttribute('aria-expanded', 'false');
    tab.remove('open');
    this.fit();
    const back = this.back && this.back.isConnected ? this.back : this.launcher;
    back.focus({ preventScroll: true });
    this.draw();
  }

  toggleMenu() {
    this.menu.hidden = !this.menu.hidden;
    this.elsewhere().then((it) => it.named(), () => { this.away = 0; });
    this.more.setAttribute('aria-expanded', String(!this.menu.hidden));
    this.forget.textContent = this.w.forget;
    this.sure = false;
    (this.menu.hidden ? this.more : this.other).focus();
  }

  forgetAll() {
    if (!this.sure) { this.sure = true; this.forget.textContent = this.w.sure; return; }
    this.text.value = '';
    tab.remove('draft');
    this.line.forget();
    this.typed();
    this.toggleMenu();
  }

  /** On a phone the sheet fills what the keyboard leaves, and the page behind it stays still. */
  fit() {
    const sheet = !this.panel.hidden && PHONE.matches;
    const view = window.visualViewport;
    this.panel.setAttribute('aria-modal', String(sheet));
    if (sheet && view && view.scale === 1) {
      this.style.setProperty('--tall', `${view.height}px`);
      this.style.setProperty('--top', `${view.offsetTop}px`);
    }
    const page = document.documentElement.style;
    if (sheet && this.overflow === undefined) { this.overflow = page.overflow; page.overflow = 'hidden'; }
    if (!sheet && this.overflow !== undefined) { page.overflow = this.overflow; this.overflow = undefined; }
  }

  keydown(event) {
    if (event.isComposing || event.keyCode === 229) return; // the input method's Escape and Tab
    if (event.key === 'Escape') {
      event.stopPropagation();
      if (this.menu.hidden) this.close(); else this.toggleMenu();
    }
    if (event.key !== 'Tab') return;
    const stops = [...this.panel.querySelectorAll('button:not(:disabled),textarea,a[href],[tabindex="0"]')].filter((n) => n.offsetParent);
    const [from, to] = event.shiftKey ? [stops[0], stops[stops.length - 1]] : [stops[stops.length - 1], stops[0]];
    const at = this.shadowRoot.activeElement;
    if (at === from || at === this.panel || !at) { to.focus(); event.preventDefault(); }
  }

  // Writing

  /**
   * Enter sends. With a Korean input method Enter also ends the composition, and the browsers
   * disagree on the order: Chrome sends keydown (composing), compositionend, and on a Mac a second
   * keydown; Safari sends compositionend first, then keydown with code 229; phones may send no key
   * at all but a line break. Whatever the order, the text is taken once, after compositionend.
   * During a composition nothing here touches the field.
   */
  keys() {
    let composing = false;
    let asked = false; // Enter came while composing: send when the composition has ended
    let shift = false;
    const { text } = this;
    text.addEventListener('compositionstart', () => { composing = true; asked = false; });
    text.addEventListener('compositionend', (event) => {
      composing = false;
      if (asked && !CONFIRMS.test(event.data)) this.submitSoon();
      asked = false;
    });
    text.addEventListener('keydown', (event) => {
      shift = event.shiftKey;
      const enter = event.key === 'Enter' || (event.keyCode === 229 && /Enter$/.test(event.code));
      if (!enter || shift || event.altKey) { asked = false; return; }
      if (composing || event.isComposing) { asked = true; return; }
      event.preventDefault();
      if (event.keyCode === 229) this.submitSoon();
      else if (!event.repeat) this.submit();
    });
    text.addEventListener('beforeinput', (event) => {
      if (shift || !/^insert(LineBreak|Paragraph)$/.test(event.inputType)) return;
      event.preventDefault();
      if (composing) asked = true; else this.submitSoon();
    });
    this.clickSend = () => {
      if (composing) text.blur(); // ends the composition; clearing the field within it would leave its last syllable behind
      setTimeout(() => { this.submit(); text.focus(); });
    };
  }

  typed(byHand) {
    const { text, w } = this;
    const size = length(text.value.trim());
    if (!CSS.supports('field-sizing', 'content')) { text.style.height = '37px'; text.style.height = `${Math.min(text.scrollHeight, 136)}px`; }
    this.button.setAttribute('aria-disabled', String(!(size || this.laden) || size > MAX_TEXT));
    this.hint.className = size > MAX_TEXT ? 'over' : '';
    this.hint.setAttribute('role', size > MAX_TEXT ? 'alert' : 'none');
    this.hint.textContent = size > MAX_TEXT ? w.tooLong(size) : size > 0.9 * MAX_TEXT ? `${size} / ${MAX_TEXT}` : TOUCH.matches ? '' : w.hint;
    if (!byHand) return;
    if (text.value) tab.set('draft', text.value); else tab.remove('draft');
    const holder = this.line.state.holder;
    if (size && this.line.token && (holder === 'agent' || holder === 'queued') && Date.now() - (this.told || 0) > 4e3) {
      this.told = Date.now();
      this.line.ask('chat/typing', {}).catch(() => {});
    }
  }

  /** One Enter can be reported several times: what the first report sent, a late one must not follow with the next syllable. */
  submitSoon() {
    clearTimeout(this.due);
    if (this.text.value.trim() || this.laden) this.due = setTimeout(() => this.submit());
  }

  submit() {
    clearTimeout(this.due);
    const size = length(this.text.value.trim());
    if (size > MAX_TEXT) return;
    if (size) {
      const { value } = this.text;
      this.text.value = '';
      tab.remove('draft');
      this.typed();
      this.ask(value);
    }
    if (this.laden) this.tray.send();
  }

  // Files: what is done with them comes as a second script when the first one is there

  elsewhere() {
    return (this.away = this.away || import(`${base}widget-elsewhere.js`).then((m) => new m.Elsewhere(this, { base, h, given })));
  }

  get laden() { return this.tray && this.tray.laden; }

  files() {
    return (this.coming = this.coming || import(`${base}widget-files.js`)
      .then((m) => (this.tray = new m.Tray(this, { base, store, uuid, backoff, h, icon, ICON, kinds: KINDS.split(',') })), () => { this.coming = 0; return { take() {}, show() {} }; }));
  }

  pick() {
    this.picker = h('input', { type: 'file', multiple: true, accept: KINDS, onchange: () => this.attach(this.picker.files) });
    this.picker.click();
    this.files();
  }

  attach(list) {
    const found = [...list];
    return this.files().then((tray) => tray.take(found));
  }

  /** Dragged here, or pasted; words that were copied with a picture of them are pasted as words. */
  carried(event) {
    const load = event.dataTransfer || event.clipboardData;
    if (!load.types.includes('Files') || (event.type === 'paste' && load.types.includes('text/plain'))) return;
    event.preventDefault();
    if (event.type !== 'dragover') this.attach(load.files);
  }

  ask(words) {
    const text = String(words).replace(/\0/g, '').trim();
    this.stuck = true;
    this.line.say({ text: text.toWellFormed ? text.toWellFormed() : text });
  }

  press(button, key) {
    if (key) this.use(key, button.payload);
    this.stuck = true;
    this.line.say({ button: button.payload, title: button.title, key });
  }

  callHuman() {
    const { holder } = this.line.state;
    if (holder === 'queued' || holder === 'agent' || Date.now() - (this.called || 0) < 4e3) return;
    if (outbox.all().some((o) => o.button === '/human' && !o.refused)) return;
    this.called = Date.now();
    this.press({ title: this.w.human.bot, payload: '/human' });
  }

  /** Remembers in this browser which button was used, the newest hundred of them. */
  use(key, value) {
    const used = Object.entries({ ...store.json('used', {}), [key]: value }).filter(([, v]) => v).slice(-100);
    store.set('used', JSON.stringify(Object.fromEntries(used)));
  }
}

if (!window.Sangdam) {
  const ready = new Promise((resolve) => {
    const begin = () => resolve(document.querySelector('sangdam-chat') || document.body.appendChild(document.createElement('sangdam-chat')));
    customElements.define('sangdam-chat', SangdamChat);
    if (document.body) begin(); else addEventListener('DOMContentLoaded', begin);
  });
  if (given.identity != null || /[?&]continue=/.test(location.search)) ready.then((chat) => chat.elsewhere());
  window.Sangdam = {
    open: (question) => ready.then((chat) => chat.open(question)),
    close: () => ready.then((chat) => chat.close()),
    setLanguage: (language) => ready.then((chat) => chat.setLanguage(language)),
    identify: (token) => ready.then((chat) => chat.elsewhere()).then((it) => it.identify(token)),
  };
}
