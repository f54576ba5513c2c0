/* The conversation as it is shown: messages, their buttons, who is on the other side. */

const ONCE = /^\/(helpful|not_helpful|rate|not_solved)\b/; // usable although the customer wrote something since
const TOUCH = matchMedia('(pointer: coarse)');

/** Of the buttons of one kind, one can be chosen: a score; "not solved"; or any other. */
const group = (payload) => (/^\/(rate|not_solved)\b/.exec(payload) || [0, 'pick'])[1];
const details = (payload) => { try { return JSON.parse(payload.slice(payload.indexOf('{'))); } catch { return {}; } };

/** What {@link SangdamChat} shows of its line; it has built the places. */
class Talk extends HTMLElement {
  soon(fresh) {
    if (fresh) this.fresh = fresh;
    if (this.drawing || !this.lang) return;
    this.drawing = true;
    queueMicrotask(() => { this.drawing = false; this.draw(); });
  }

  draw() {
    const { line, w } = this;
    const all = line.list();
    const used = store.json('used', {});
    const shown = !this.panel.hidden;
    const { fresh } = this;
    this.fresh = null;

    const unread = all.filter((m) => !m.over && m.seq > line.seen && (m.author === 'bot' || m.author === 'agent' || m.kind === 'csat')).length;
    if (shown && !document.hidden && all.length) line.look(all.reduce((top, m) => (m.over || m.pending ? top : Math.max(top, m.seq)), line.seen));
    this.badge.hidden = !unread;
    this.badge.textContent = unread > 99 ? '99+' : unread;
    this.launcher.setAttribute('aria-label', unread ? `${w.open}, ${w.unread(unread)}` : w.open);
    if (!shown) return;

    this.top();
    const keys = new Set();
    let place = this.log.firstChild;
    const put = (key, make) => {
      keys.add(key);
      let entry = this.nodes.get(key);
      if (!entry) this.nodes.set(key, (entry = make()));
      if (entry.el === place) place = place.nextSibling;
      else this.log.insertBefore(entry.el, place);
      return entry;
    };
    const apart = (a, b) => !a || !b || a.author !== b.author || a.author_name !== b.author_name || a.kind === 'event' || b.kind === 'event'
      || a.buttons.length || new Date(b.at) - new Date(a.at) > 3e5 || new Date(a.at).toDateString() !== new Date(b.at).toDateString();
    all.forEach((m, i) => {
      const key = m.client_id || m.id;
      const before = all[i - 1];
      if (!before || new Date(before.at).toDateString() !== new Date(m.at).toDateString()) {
        put(`day:${key}`, () => ({ el: h('div', { class: 'day' }, this.day(new Date(m.at))) }));
      }
      const old = this.nodes.get(key);
      const body = JSON.stringify([m.text, m.kind, m.author_name, m.article]);
      if (old && old.body !== body && m.author !== 'customer') {
        old.el.remove();
        if (place === old.el) place = null;
        this.nodes.delete(key);
        place = place || (keys.size ? this.log.children[keys.size] || null : this.log.firstChild);
      }
      const entry = put(key, () => ({ ...this.message(m), body }));
      const name = entry.el.classList;
      name.toggle('first', !!apart(before, m));
      name.toggle('last', !!apart(m, all[i + 1]));
      name.toggle('timed', !all[i + 1] || all[i + 1].kind === 'event' || this.clock.format(new Date(m.at)) !== this.clock.format(new Date(all[i + 1].at)));
      name.toggle('pending', !!m.pending && !m.refused);
      name.toggle('refused', !!m.refused);
      this.meta(entry, m);
      if (m.buttons.length) this.actions(entry, m, this.choice(m, all, i, used));
    });
    for (const [key, entry] of this.nodes) if (!keys.has(key)) { entry.el.remove(); this.nodes.delete(key); }
    if (this.starters) this.starters.hidden = all.some((m) => m.author === 'customer');

    this.dots.hidden = !line.typing;
    if (line.typing) this.dots.setAttribute('aria-label', w.typing(line.typing.author === 'agent' ? w.agent : w.bot));
    const entry = fresh && fresh.author !== 'customer' && this.nodes.get(fresh.client_id || fresh.id);
    if (this.stuck) this.bottom(entry && entry.el);
    else if (entry) this.newer.hidden = false;
  }

  /** Header, call button and the line that says when we are not connected. */
  top() {
    const { line, w } = this;
    const { holder: kind, agent, ticket } = line.state;
    const holder = w.holder[kind] ? kind : 'bot';
    const words = w.holder[holder](agent) + (holder === 'queued' && ticket ? ` · ${ticket}` : '');
    if (this.holder.textContent !== words) this.holder.textContent = words;
    const face = holder === 'agent' ? 'agent' : 'bot';
    const letter = holder === 'agent' && agent ? [...agent][0] : '';
    if (this.face.dataset.is !== face + letter) {
      this.face.dataset.is = face + letter;
      this.face.className = `face ${face}`;
      this.face.replaceChildren(letter || icon(holder === 'agent' ? ICON.person : ICON.letter, 23));
    }
    if (this.human.dataset.is !== holder + this.lang) {
      this.human.dataset.is = holder + this.lang;
      this.human.setAttribute('aria-disabled', String(holder === 'queued' || holder === 'agent'));
      this.human.replaceChildren(icon(holder === 'agent' ? ICON.check : ICON.person, 18), w.human[holder]);
      if (holder !== 'bot') this.called = 0;
    }
    const trouble = !navigator.onLine ? w.offline : line.down ? w.lost : line.paused ? w.paused : '';
    if (this.status.textContent !== trouble) this.status.textContent = trouble;
    this.status.hidden = !trouble;
  }

  day(date) {
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 864e5);
    return days === 0 ? this.w.today : days === 1 ? this.w.yesterday : this.calendar.format(date);
  }

  message(m) {
    const { w } = this;
    const event = m.author === 'system' && m.kind !== 'csat';
    const agent = m.author === 'agent';
    const who = agent ? (m.author_name ? w.asAgent(m.author_name) : w.agent) : m.author === 'customer' ? w.me : m.author === 'bot' ? w.bot : w.system;
    const url = m.article && address(m.article.url);
    const files = m.attachments && m.attachments[0] && h('div', { class: 'files' });
    if (files) this.files().then((tray) => tray.show(files, m, who));
    const bubble = h('div', { class: 'b', hidden: m.kind === 'file' }, h('span', { class: 'sr' }, `${who}: `),
      h('div', { class: 't' }, rich(m.word ? w[m.word] : String(m.text || ''))),
      m.changed === 'edited' && h('small', null, w.edited),
      url && h('a', { class: 'card', href: url, target: '_blank', rel: 'noopener' }, icon(ICON.page, 18), h('b', null, m.article.title),
        h('span', null, w.read, h('span', { class: 'sr' }, ` (${w.newTab})`), icon(ICON.next, 14))));
    const el = h('div', { class: `m ${event ? 'event' : m.author} ${m.kind} ${m.changed || ''} ${this.live ? 'new' : ''}`, 'data-author': m.author, 'data-kind': m.kind },
      m.author !== 'customer' && h('div', { class: 'name', 'aria-hidden': 'true' }, h('i', null, agent && m.author_name ? [...m.author_name][0] : icon(agent ? ICON.person : ICON.letter, 14)), who),
      bubble, files);
    const meta = h('div', { class: 'meta' });
    el.append(meta);
    return { el, meta };
  }

  meta(entry, m) {
    const { w } = this;
    const drop = () => { outbox.remove(m.id); this.soon(); };
    const item = m.refused && outbox.all().find((o) => o.client_id === m.id);
    const reason = typeof m.refused === 'string' && (this.lang === 'en' || /[가-힣]/.test(m.refused)) ? `${w.refused}: ${m.refused}` : w.refused;
    const words = m.refused ? reason : m.pending ? (!navigator.onLine || this.line.down ? w.waiting : this.line.paused ? w.soon : w.sending) : this.clock.format(new Date(m.at));
    if (entry.words === words) return;
    entry.words = words;
    const edit = item && item.text && h('button', { type: 'button', onclick: () => { this.text.value = item.text; this.typed(true); this.text.focus(); drop(); } }, w.edit);
    const leave = item && h('button', { type: 'button', onclick: () => { if (item.key) this.use(item.key, null); drop(); this.text.focus(); } }, w.drop);
    entry.meta.replaceChildren(h('span', null, words), ...[edit, leave].filter(Boolean));
  }

  /** Which buttons of a message were chosen, by group, and whether the others can still be used. */
  choice(m, all, index, used) {
    const once = m.buttons.some((b) => ONCE.test(b.payload));
    const rating = m.buttons.some((b) => group(b.payload) === 'rate');
    const chosen = {};
    for (const name of ['pick', 'rate', 'not_solved', 'comment']) chosen[name] = used[`${m.id}:${name}`];
    if (m.vote) chosen.pick = m.vote === 'up' ? '/helpful' : '/not_helpful';
    let open = !m.over;
    let rated = 0;
    for (const later of all.slice(index + 1)) {
      if (later.author === 'customer' && !later.refused) {
        const hit = m.buttons.find((b) => b.title === later.text);
        const name = hit && group(hit.payload);
        if (name === 'rate') {
          chosen.rate = hit.payload;
          rated = rated || Date.parse(later.at);
        } else if (hit) chosen[name] = chosen[name] || hit.payload;
        if (!once) open = false;
      } else if (rating ? later.kind === 'csat' : once && /^(answer|clarify|unknown)$/.test(later.kind)) open = false;
      if (!open) break;
    }
    chosen.anew = Date.now() - rated < 36e5; // a score may be changed for an hour
    return { open, rating, chosen };
  }

  actions(entry, m, { open, rating, chosen }) {
    const is = JSON.stringify([open, chosen, m.buttons]);
    if (entry.is === is) return;
    entry.is = is;
    const make = (b, attributes, ...inside) => {
      const name = group(b.payload);
      return h('button', {
        type: 'button', disabled: !open || !!chosen[name], 'aria-pressed': chosen[name] ? String(chosen[name] === b.payload) : null,
        onclick: () => this.press(b, `${m.id}:${name}`), ...attributes,
      }, ...inside);
    };
    const scores = m.buttons.filter((b) => group(b.payload) === 'rate');
    const others = m.buttons.filter((b) => !scores.includes(b));
    const rates = scores.filter((b) => !chosen.rate || chosen.anew || chosen.rate === b.payload);
    const many = scores.length > 5;
    if (many) rates.reverse();
    const parts = [];
    if (rates.length) {
      parts.push(h('div', { class: many ? 'rows many' : 'rows' }, rates.map((b) => make(b, { class: 'row', 'aria-label': b.title, disabled: !open || (chosen.anew ? chosen.rate === b.payload : !!chosen.rate) },
        h('em', null, String(details(b.payload).score ?? '')), h('span', { class: 'label' }, b.title.replace(/^\s*\d+\s*[·.:-]?\s*/, '')), icon(chosen.rate === b.payload ? ICON.check : ICON.next, 16)))));
      if (chosen.rate) parts.push(this.comment(m, chosen));
    }
    if (m.kind === 'clarify') parts.push(h('div', { class: 'rows' }, others.map((b) => make(b, { class: 'row' }, b.title, icon(chosen.pick ? ICON.check : ICON.next, 16)))));
    else if (rating) parts.push(...others.map((b) => make(b, { class: 'quiet' }, b.title)));
    else if (others.length) parts.push(h('div', { class: 'chips' }, others.map((b) => make(b, { class: b.payload === '/human' ? 'chip main' : 'chip' }, chosen.pick === b.payload && icon(ICON.check, 15), b.title))));
    const acts = h('div', { class: 'acts', role: 'group', 'aria-label': m.text, 'aria-live': 'off' }, parts);
    const focused = entry.acts && entry.acts.contains(this.shadowRoot.activeElement);
    if (entry.acts) entry.acts.replaceWith(acts);
    else entry.el.insertBefore(acts, entry.meta);
    entry.acts = acts;
    if (focused && !TOUCH.matches) (acts.querySelector('textarea') || this.text).focus({ preventScroll: true });
  }

  /** After a score: a few words more, if the customer likes. */
  comment(m, chosen) {
    const { w } = this;
    const { survey } = details(chosen.rate);
    if (chosen.comment) return h('div', { class: 'note' }, h('p', { role: 'status' }, w.commentDone));
    if (survey === undefined || m.over) return null;
    const field = h('textarea', { maxlength: '1000', rows: '2', 'aria-label': w.comment });
    const send = () => {
      const comment = field.value.trim();
      if (!comment) { field.focus(); return; }
      this.use(`${m.id}:comment`, '1');
      this.line.say({ survey: String(survey), comment });
    };
    return h('div', { class: 'note' }, h('p', { 'aria-hidden': 'true' }, w.comment), field, h('button', { class: 'chip', type: 'button', onclick: send }, w.commentSend));
  }

  // Scrolling

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.stuck = scrollHeight - scrollTop - clientHeight < 64;
    if (this.stuck) this.newer.hidden = true;
  }

  /** To the end; a message taller than the window is shown from its beginning. */
  bottom(message) {
    const { scroller } = this;
    const tall = message && message.offsetHeight > scroller.clientHeight;
    scroller.scrollTop = tall ? message.offsetTop - 10 : scroller.scrollHeight;
    this.stuck = true;
    this.newer.hidden = true;
  }
}
