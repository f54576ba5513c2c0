/*
 * Files: what the customer is about to send, and what was sent. Imported by the widget when there is
 * one. A file keeps its client_id from the first try to the last, so that it arrives once.
 */

const LIMIT = 10 * 1024 * 1024;
const MOST = 5;
const WORDS = {
  ko: {
    tray: '보낼 파일', drop: (n) => `${n} 빼기`, large: '10MB까지 보낼 수 있어요', kind: '보낼 수 없는 형식이에요', empty: '빈 파일이에요',
    day: '오늘은 파일을 더 보낼 수 없어요', failed: '보내지 못했어요', waiting: '연결되면 보낼게요', soon: '곧 보낼게요', most: `한 번에 ${MOST}개까지 보낼 수 있어요`,
    sending: (n) => `보내는 중 ${n}%`, picture: (n) => `사진 ${n}, 새 창에서 열기`, save: (n, s) => `파일 ${n}, ${s}, 내려받기`, files: '파일', lost: '불러오지 못했어요. 다시 눌러 주세요',
  },
  en: {
    tray: 'Files to send', drop: (n) => `Remove ${n}`, large: 'Up to 10 MB', kind: 'This kind of file cannot be sent', empty: 'This file is empty',
    day: 'No more files can be sent today', failed: 'Not sent', waiting: 'Will be sent when back online', soon: 'Will be sent soon', most: `Up to ${MOST} files at a time`,
    sending: (n) => `Sending ${n}%`, picture: (n) => `Picture ${n}, opens in a new tab`, save: (n, s) => `File ${n}, ${s}, download`, files: 'Files', lost: 'Could not be loaded. Press again',
  },
};
const REASONS = { too_large: 'large', file_not_accepted: 'kind', too_many_files: 'day' };

const STYLE = `
#tray{display:flex;flex-direction:column;gap:6px;margin:0 0 8px;padding:0;list-style:none;max-height:40vh;overflow-y:auto}
#tray li{display:flex;align-items:center;gap:10px;padding:6px 4px 6px 7px;border:1px solid var(--line);border-radius:13px;background:var(--ground);position:relative;overflow:hidden}
#tray .thumb,.attached .thumb{width:40px;height:40px;border-radius:8px;background:var(--soft);color:var(--muted);display:grid;place-items:center;flex:none;overflow:hidden}
#tray canvas{width:100%;height:100%;object-fit:cover}
#tray .is,.attached .is{flex:1;min-width:0;font-size:13.5px;line-height:1.4}
#tray b,.attached b{display:block;font-weight:600;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
#tray .is span,.attached .is span{color:var(--muted);font-size:12px}
#tray li.bad{background:var(--warn-soft)}
#tray li.bad .is span{color:var(--warn);font-weight:600}
#tray progress{position:absolute;left:0;right:0;bottom:0;width:100%;height:3px;appearance:none;border:0;background:none}
#tray progress::-webkit-progress-bar{background:none}
#tray progress::-webkit-progress-value{background:var(--fill)}
#tray progress::-moz-progress-bar{background:var(--fill)}
#tray .most{font-size:12.5px;color:var(--warn);border:0;background:none;padding:0 4px}
.files{display:flex;flex-direction:column;gap:6px;max-width:92%;margin-top:3px}
.customer>.files{align-items:flex-end}
.b[hidden]+.files{margin-top:0}
.picture{display:block;width:216px;max-width:100%;height:200px;border-radius:17px;overflow:hidden;background:var(--soft);border:1px solid var(--line);color:var(--muted);font-size:12.5px}
.picture canvas{display:block;width:100%;height:100%;object-fit:contain}
.picture.long canvas{object-fit:cover;object-position:top}
.attached{display:flex;align-items:center;gap:10px;max-width:100%;width:250px;padding:8px 12px 8px 8px;border:1px solid var(--line);border-radius:17px;background:var(--paper);text-align:left}
.attached:hover b{text-decoration:underline;text-underline-offset:3px}
.picture:focus-visible,.attached:focus-visible{outline-offset:2px}
`;

const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`);
const isPicture = (type) => /^image\/(png|jpeg|gif|webp)$/.test(type);

/** A picture on a canvas, which every page allows, whatever its Content-Security-Policy says of images. */
async function draw(canvas, blob) {
  const whole = await createImageBitmap(blob);
  const scale = Math.min(1, 640 / Math.max(whole.width, whole.height));
  canvas.width = Math.max(1, whole.width * scale);
  canvas.height = Math.max(1, whole.height * scale);
  canvas.getContext('2d').drawImage(whole, 0, 0, canvas.width, canvas.height);
  whole.close();
}

export class Tray {
  constructor(chat, tools) {
    Object.assign(this, { chat, ...tools });
    this.items = [];
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    const root = chat.shadowRoot;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    this.el = this.h('ul', { id: 'tray', hidden: true });
    root.querySelector('.field').before(this.el);
    addEventListener('online', () => this.hurry && this.hurry());
    this.seen = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) { this.seen.unobserve(target); target.load(); }
    }, { root: chat.scroller, rootMargin: '300px' });
  }

  get w() { return WORDS[this.chat.lang]; }

  /** Whether something is ready to be sent. */
  get laden() { return this.items.some((item) => !item.bad && !item.going); }

  // Sending

  take(list) {
    const { h, icon, ICON, w } = this;
    this.el.setAttribute('aria-label', w.tray);
    for (const note of this.el.querySelectorAll('.most')) note.remove();
    for (const file of list) {
      if (this.items.length >= MOST) {
        this.el.append(h('li', { class: 'most', role: 'alert' }, w.most));
        break;
      }
      const ending = file.name.includes('.') ? file.name.split('.').pop().toLowerCase() : '';
      const bad = !file.size ? w.empty : file.size > LIMIT ? w.large : ending && !this.kinds.includes(`.${ending}`) ? w.kind : '';
      const item = { file, id: this.uuid(), thumb: h('span', { class: 'thumb', 'aria-hidden': 'true' }, icon(ICON.page, 20)), says: h('span'), bar: h('progress', { max: '1', value: '0', hidden: true, 'aria-hidden': 'true' }) };
      item.out = h('button', { class: 'round', type: 'button', 'aria-label': w.drop(file.name), onclick: () => { this.remove(item); this.chat.text.focus(); } }, icon(ICON.close, 16));
      item.el = h('li', null, item.thumb, h('span', { class: 'is' }, h('b', null, file.name), item.says), item.bar, item.out);
      item.says.textContent = size(file.size);
      if (bad) this.fail(item, bad);
      else if (isPicture(file.type)) {
        const canvas = h('canvas');
        draw(canvas, file).then(() => item.thumb.replaceChildren(canvas), () => {});
      }
      this.items.push(item);
      this.el.append(item.el);
    }
    this.change();
    if (this.items.length) this.chat.text.focus({ preventScroll: true });
  }

  fail(item, words) {
    item.bad = true;
    item.bar.hidden = true;
    item.el.className = 'bad';
    item.says.textContent = words;
    item.says.setAttribute('role', 'alert');
  }

  remove(item) {
    if (item.request) item.request.abort();
    item.gone = true;
    item.el.remove();
    this.items = this.items.filter((other) => other !== item);
    if (!this.items.length) this.el.replaceChildren();
    this.change();
  }

  change() {
    this.el.hidden = !this.el.children.length;
    this.chat.typed();
    if (this.chat.stuck) this.chat.bottom();
  }

  /** One after the other, so that they arrive in the order in which they were chosen. */
  async send() {
    const going = this.items.filter((item) => !item.bad && !item.going);
    for (const item of going) item.going = true;
    this.change();
    this.chat.stuck = true;
    const before = this.busy;
    this.busy = (async () => {
      await before;
      for (const item of going) await this.deliver(item);
    })();
  }

  async deliver(item) {
    for (let tries = 0; !item.gone; tries++) {
      let answer = { status: 0 };
      try {
        answer = await this.post(item, await this.chat.line.session());
      } catch { /* no connection, no session yet */ }
      if (item.gone) return;
      if (answer.status === 202) {
        await this.chat.line.sync();
        this.remove(item);
        return;
      }
      if (answer.status === 401) {
        if (this.store.get('token') === answer.token) this.store.remove('token');
        if (tries < 3) continue;
      }
      if ([400, 401, 403, 409, 413, 415, 422].includes(answer.status)) {
        this.fail(item, this.w[REASONS[answer.code]] || this.w.failed);
        this.change();
        return;
      }
      item.says.textContent = answer.status === 429 ? this.w.soon : this.w.waiting;
      await new Promise((resolve) => {
        this.hurry = resolve;
        setTimeout(resolve, this.backoff(tries, answer.wait));
      });
    }
  }

  /** XMLHttpRequest, because it says how much has gone out. */
  post(item, token) {
    return new Promise((resolve, reject) => {
      const request = (item.request = new XMLHttpRequest());
      request.open('POST', `${this.base}chat/files`);
      for (const [name, value] of Object.entries({
        Authorization: `Bearer ${token}`, 'Client-Id': item.id, 'File-Name': encodeURIComponent(item.file.name.toWellFormed ? item.file.name.toWellFormed() : item.file.name),
        'Content-Type': 'application/octet-stream', 'Accept-Language': this.chat.lang,
      })) request.setRequestHeader(name, value);
      request.upload.onprogress = ({ loaded, total }) => {
        item.bar.hidden = false;
        item.bar.value = loaded / total;
        item.says.textContent = this.w.sending(Math.round((loaded / total) * 100));
      };
      request.onload = () => {
        let code;
        try { ({ code } = JSON.parse(request.responseText)); } catch { /* not ours */ }
        resolve({ status: request.status, code: request.status === 413 ? 'too_large' : code, token, wait: request.status === 429 ? Number(request.getResponseHeader('Retry-After')) : 0 });
      };
      request.onerror = request.onabort = reject;
      request.send(item.file);
    });
  }

  // Showing

  show(el, message, who) {
    el.setAttribute('role', 'group');
    el.setAttribute('aria-label', `${who}: ${this.w.files}`);
    el.replaceChildren(...message.attachments.map((file) => (isPicture(file.type) ? this.picture(file) : this.card(file))));
    if (this.chat.stuck) this.chat.bottom();
  }

  async fetch(file) {
    const response = await this.chat.line.call(`chat/files/${encodeURIComponent(file.id)}`);
    if (!response.ok) throw response.status;
    return response.blob();
  }

  picture(file) {
    const { h, w } = this;
    const canvas = h('canvas');
    let blob;
    const el = h('button', { class: 'picture', type: 'button', 'aria-label': w.picture(file.name), title: file.name, onclick: () => (blob ? this.open(blob) : el.load()) }, canvas);
    el.load = async () => {
      try {
        blob = await this.fetch(file);
        await draw(canvas, blob);
        // As high as before it was there, so that nothing moves, and as wide as it is; of a long one the beginning
        const wide = (200 * canvas.width) / canvas.height;
        el.style.width = `${Math.min(Math.max(wide, 84), 270)}px`;
        el.classList.toggle('long', wide < 84);
      } catch { el.replaceWith(this.card(file)); }
    };
    this.seen.observe(el);
    return el;
  }

  card(file) {
    const { h, icon, ICON, w } = this;
    const says = h('span', null, size(file.size));
    return h('button', {
      class: 'attached', type: 'button', 'aria-label': w.save(file.name, size(file.size)),
      onclick: async () => {
        try { this.open(await this.fetch(file), file.name); } catch { says.textContent = w.lost; }
      },
    }, h('span', { class: 'thumb' }, icon(ICON.page, 20)), h('span', { class: 'is' }, h('b', null, file.name), says));
  }

  /** In a new tab, or into the customer's downloads under this name. */
  open(blob, name) {
    const url = URL.createObjectURL(blob);
    this.h('a', name ? { href: url, download: name } : { href: url, target: '_blank' }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60e3);
  }
}
