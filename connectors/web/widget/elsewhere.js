/*
 * Going on elsewhere: who is logged in at the shop, a code from another channel, a code for one.
 * Imported when one of them is wanted, or the menu is opened.
 */

const WORDS = {
  ko: { offer: '다른 곳에서 이어하기', say: '이 대화를 다른 곳에서 이어갈 수 있어요. 10분 안에 한 번만 쓸 수 있어요.', kakao: '카카오톡에서는 “이어하기”와 이 코드를 함께 보내 주세요.', bridge: '메신저에서는 “이어하기”와 이 코드를 함께 보내 주세요.', telegram: '텔레그램에서 열기', web: '다른 브라우저용 주소 복사', copied: '복사했어요', ask: '회원 정보에 있는 이메일로 코드를 받아 지난 상담을 이어올 수 있어요.', email: '이메일', send: '코드 받기', sent: '등록된 이메일이라면 코드를 보냈어요. 10분 안에 적어 주세요.', code: '받은 코드', give: '이어하기', refused: '맞지 않는 코드예요.', many: '너무 여러 번 요청했어요. 한 시간 뒤에 다시 해 주세요.', odd: '이메일 주소를 확인해 주세요.', sure: '다른 곳에서 나눈 상담을 여기로 이어올까요? 이어지면 양쪽에서 서로의 상담 내용을 모두 볼 수 있어요. 다른 사람이 보내 준 링크라면 이어오지 마세요.', no: '아니요', failed: '지금은 코드를 만들 수 없어요. 잠시 뒤에 다시 해 주세요.' },
  en: { offer: 'Continue elsewhere', say: 'Pick up this conversation somewhere else. It works once, within ten minutes.', kakao: 'In KakaoTalk, send “continue” and this code.', bridge: 'In your messenger, send “continue” and this code.', telegram: 'Open in Telegram', web: 'Copy the address for another browser', copied: 'Copied', ask: 'Contacted us before? Get a code by e-mail and bring your earlier conversations here.', email: 'E-mail', send: 'Get a code', sent: 'If we know this address, a code is on its way. Enter it here within ten minutes.', code: 'Code from the e-mail', give: 'Continue', refused: 'That code isn’t right.', many: 'Too many requests. Please try again in an hour.', odd: 'Please check the address.', sure: 'Bring the conversation from elsewhere here? Then everything said in one place can be read in the other. If somebody else sent you this link, don’t.', no: 'No', failed: 'We can’t make a code right now. Please try again in a moment.' },
};

export class Elsewhere {
  constructor(chat, { base, h, given }) {
    Object.assign(this, { chat, base, h, kept: `sangdam:${base}:` });
    this.item = h('button', { id: 'elsewhere', type: 'button', onclick: () => this.offer() });
    this.sheet = h('div', { id: 'code', role: 'status' });
    this.sheet.style.cssText = 'display:grid;gap:8px;padding:8px 12px;max-width:260px;white-space:normal';
    this.sheet.hidden = true;
    chat.menu.prepend(this.item, this.sheet);
    this.named();
    const code = new URL(location.href).searchParams.get('continue');
    // Who they are first: then the code is given in their name.
    ('identity' in given ? this.identify(given.identity) : Promise.resolve()).then(() => code && this.redeem(code)).catch(() => {});
  }

  get words() { return WORDS[this.chat.lang] || WORDS.ko; }

  /** The menu is open in the language it has now. */
  named() { this.item.textContent = this.words.offer; }

  async offer() {
    const { h, words, sheet } = this;
    sheet.hidden = false;
    sheet.style.display = 'grid';
    let made;
    try { made = await this.chat.line.ask('chat/link-codes', {}); } catch { sheet.textContent = words.failed; return; }
    const ways = Object.entries(made.links).filter(([name]) => words[name]).map(([name, url]) => name === 'web'
      ? h('button', { type: 'button', onclick: ({ target }) => this.copy(new URL(url, this.base).href, target) }, words.web)
      : h('a', { href: url, target: '_blank', rel: 'noopener' }, words[name]));
    // As wide as the menu's own entries, and their words below each other.
    for (const way of ways) way.style.cssText = 'width:auto;margin:0 -12px;padding:10px 12px;font-size:14px;color:inherit';
    sheet.replaceChildren(h('span', {}, words.say), ...this.typed(made), ...ways, ...(made.mail ? [this.byMail()] : []));
  }

  /** Where a page may not copy, as none without https may, the address is there to be taken. */
  async copy(url, button) {
    try {
      await navigator.clipboard.writeText(url);
      button.textContent = this.words.copied;
    } catch {
      button.textContent = url;
      button.style.cssText += ';user-select:all;overflow-wrap:anywhere;font-size:13px';
    }
  }

  /** The code, where there is a messenger in which to write it. */
  typed({ code, typed: [where] }) {
    if (!where) return [];
    const shown = this.h('strong', {}, `${code.slice(0, 4)} ${code.slice(4)}`);
    shown.style.cssText = 'font-size:1.5rem;letter-spacing:.12em;user-select:all';
    return [this.h('span', {}, this.words[where]), shown];
  }

  /** A code that is mailed: first the address, then what came there. */
  byMail() {
    const { h, words, chat } = this;
    const told = h('span', { id: 'mailed', role: 'status' }, words.ask);
    const field = h('input', { type: 'email', name: 'email', required: true, autocomplete: 'email', 'aria-label': words.email, placeholder: words.email });
    const press = h('button', {}, words.send);
    field.style.cssText = 'font:inherit;font-size:16px;padding:8px 10px;min-width:0;width:100%;box-sizing:border-box;color:inherit;background:none;border:1px solid var(--line);border-radius:9px';
    press.style.cssText = 'background:var(--fill);color:var(--on);text-align:center;font-weight:600';
    let mailed = false;
    const form = h('form', { id: 'bymail', onsubmit: async (event) => {
      event.preventDefault();
      press.disabled = true;
      try {
        if (mailed) {
          await chat.line.ask('chat/link-codes/redeem', { code: field.value });
          this.sheet.style.display = 'none';
          return;
        }
        await chat.line.ask('chat/link-codes/mail', { email: field.value });
        mailed = true;
        told.textContent = words.sent;
        Object.assign(field, { type: 'text', value: '', autocomplete: 'one-time-code', ariaLabel: words.code, placeholder: words.code });
        press.textContent = words.give;
        field.focus();
      } catch (error) {
        told.textContent = error.status === 429 ? words.many : mailed ? words.refused : error.status === 422 ? words.odd : words.failed;
      } finally { press.disabled = false; }
    } }, told, field, press);
    form.style.cssText = 'display:grid;gap:8px;border-top:1px solid var(--line);padding-top:12px;margin-top:4px';
    return form;
  }

  /** A code from elsewhere. What became of it is said in the conversation. */
  async redeem(code) {
    const clean = new URL(location.href);
    clean.searchParams.delete('continue');
    history.replaceState(history.state, '', clean);
    this.chat.open();
    if (await this.sure()) await this.chat.line.ask('chat/link-codes/redeem', { code });
  }

  /** Whoever made the code is going to read what is said here, and may have sent the link. */
  sure() {
    const { h, words, chat } = this;
    return new Promise((decide) => {
      const answer = (text, yes) => {
        const button = h('button', { type: 'button', onclick: () => { box.remove(); chat.text.focus(); decide(yes); } }, text);
        button.style.cssText = 'padding:8px 16px;border-radius:9px;font-weight:600;' + (yes ? 'background:var(--fill);color:var(--on)' : 'border:1px solid var(--line)');
        return button;
      };
      const said = h('p', { id: 'sure-words' }, words.sure);
      said.style.cssText = 'margin:0';
      const ways = h('div', {}, answer(words.give, true), answer(words.no, false));
      ways.style.cssText = 'display:flex;gap:8px';
      const box = h('div', { id: 'sure', role: 'alertdialog', 'aria-labelledby': 'sure-words', tabindex: '-1' }, said, ways);
      box.style.cssText = 'display:grid;gap:10px;padding:12px 16px;background:var(--paper);border-top:1px solid var(--line);font-size:14px';
      chat.scroller.after(box);
      box.focus();
    });
  }

  /** Who the shop says is logged in; their history takes the place of the anonymous one's. */
  async identify(identity) {
    const { line } = this.chat;
    if (!identity) { this.signedOut(); return; }
    const response = await fetch(`${this.base}chat/sessions`, {
      method: 'POST', credentials: 'omit', body: JSON.stringify({ identity }), headers: line.headers(line.token),
    });
    if (!response.ok) throw new Error(`${response.status}`);
    const { token } = await response.json();
    line.anew(token);
    try { localStorage.setItem(`${this.kept}signed`, token); } catch { /* forbidden: nothing is kept */ }
  }

  /** Nobody is logged in any more: whoever sits here next gets nothing of what they said. */
  signedOut() {
    const { chat, kept } = this;
    let signed = null;
    try { signed = localStorage.getItem(`${kept}signed`); } catch { return; }
    if (!signed || signed !== localStorage.getItem(`${kept}token`)) return;
    chat.text.value = '';
    chat.typed(true); // the draft, too
    chat.line.forget();
  }
}
