// The editor of articles and the page of an import; console.js does the rest.
'use strict';
const editor = $('[data-preview]');
if (editor) {
  const { body } = editor.elements;
  const fields = () => { const all = new FormData(editor); all.delete('csrf'); return Object.fromEntries(all); };
  const fill = (values) => { for (const [name, value] of Object.entries(values)) if (editor.elements[name]) editor.elements[name].value = value; };
  const state = () => JSON.stringify(fields());
  // A question that the page came with is not saved yet.
  let saved = 'asked' in editor.dataset ? '' : state();
  let asked = 0;
  // What is not saved outlives a reload, a tab that a phone puts away, and signing in again.
  const draft = `draft:${page.dataset.me}:${location.pathname}${location.search}`;
  const kept = $('.kept', editor);
  const came = state();
  const left = sessionStorage.getItem(draft);
  if (left && left !== came) {
    fill(JSON.parse(left));
    kept.hidden = false;
  }
  function dirty() {
    const now = state();
    const is = now !== saved;
    const mark = $('.unsaved', editor);
    if (mark) mark.hidden = !is;
    if (!is) kept.hidden = true;
    if (!is || now === came) sessionStorage.removeItem(draft);
    else try { sessionStorage.setItem(draft, now); } catch { /* there is no more room: the page still asks before it is left */ }
    return is;
  }
  if (dirty()) editor.elements.questions.scrollTop = editor.elements.questions.scrollHeight;
  // Signed in again in another tab, what is sent from here is as good as before.
  async function posted(url, form) {
    const post = () => { form.set('csrf', page.dataset.csrf); return fetch(url, { method: 'POST', headers: SCRIPT, body: form }).catch(() => null); };
    const answer = await post();
    return answer?.status === 403 && await renewed().catch(() => false) ? post() : answer;
  }
  let shown = 0;
  async function preview() {
    const turn = ++shown;
    const answer = await posted(editor.dataset.preview, new URLSearchParams({ title: editor.elements.title.value, body: body.value }));
    const html = answer && answer.ok ? await answer.text() : null;
    if (html !== null && turn === shown) $('#preview').innerHTML = html; // made and cleaned by the server
  }
  if (!kept.hidden) preview();
  $('button', kept).addEventListener('click', () => { fill(JSON.parse(came)); dirty(); kept.hidden = true; preview(); });
  editor.addEventListener('input', () => { dirty(); clearTimeout(asked); asked = setTimeout(preview, 250); });
  const named = () => { if (editor.elements.revision) $('.head h1').textContent = editor.elements.title.value; };
  editor.addEventListener('sent', (event) => { saved = state(); dirty(); named(); $('#asked')?.remove(); conflict.replaceChildren(); if (event.detail.go) editor.left = true; });
  addEventListener('beforeunload', (event) => { if (!editor.left && dirty()) event.preventDefault(); });

  // Somebody else saved: said while one writes, and both texts shown when one saves all the same.
  const conflict = $('.conflict', editor);
  // Of the editor and of an approval, which is a form of its own; the event does not bubble.
  document.addEventListener('refused', ({ target, detail }) => {
    // A form among what stays current is gone before anybody has read what it says.
    if (!detail.html && target.closest('[data-live]')) tell(detail.detail, true);
  }, true);
  // Who asks again is told anew.
  $('#retire')?.addEventListener('toggle', ({ target, newState }) => { if (newState === 'closed') $('.conflict', target).replaceChildren(); });
  // What is not saved yet goes along.
  $('#moving')?.addEventListener('sent', ({ detail }) => { if (dirty()) sessionStorage.setItem(`draft:${page.dataset.me}:${detail.go}`, state()); editor.left = true; });
  $('#discarding')?.addEventListener('sent', () => { editor.left = true; });
  $('#returning')?.addEventListener('sent', ({ target }) => target.reset());
  conflict.addEventListener('click', (event) => {
    const go = event.target.closest('[data-go-on]');
    if (!go) return;
    editor.elements.revision.value = go.dataset.goOn;
    conflict.replaceChildren();
    $('.wrong', editor).hidden = true;
    body.focus();
  });
  const live = $('[data-live=article_state]');
  let warned = 0;
  new MutationObserver(() => {
    const now = $('[data-revision]', live);
    const mine = editor.elements.revision;
    if (!now || !mine || +now.dataset.revision <= +mine.value || warned === now.dataset.revision || editor.ariaBusy === 'true') return;
    warned = now.dataset.revision;
    if (!dirty()) follow(now.dataset.fresh);
    else if (!conflict.children.length) wrong(editor, { detail: now.dataset.newer });
  }).observe(live, { childList: true, subtree: true, attributes: true });

  // Who has typed nothing sees what is there now, not what was there when they came.
  async function follow(told) {
    const answer = await fetch(location.pathname + location.search, { cache: 'no-store' }).catch(() => null);
    if (!answer || !answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-preview]');
    if (!fresh || dirty()) return;
    for (const name of ['revision', 'title', 'questions', 'tags', 'body']) editor.elements[name].value = fresh.elements[name].value;
    named();
    saved = state();
    preview();
    tell(told);
  }

  // Whoever types here tells the others who have this article open, and hears of them.
  if (editor.dataset.editing) {
    const tab = Math.random().toString(36).slice(2, 10);
    const also = $('.also', editor);
    let told = 0;
    let ends = 0;
    const typing = () => {
      if (Date.now() - told < 5000) return;
      told = Date.now();
      const form = new URLSearchParams({ csrf: page.dataset.csrf, locale: editor.elements.locale.value, tab });
      fetch(editor.dataset.editing, { method: 'POST', headers: SCRIPT, body: form }).catch(() => {});
    };
    editor.addEventListener('input', typing);
    setInterval(() => { if (dirty() && !document.hidden) { typing(); refresh(); } }, 10e3);
    document.addEventListener('editing', ({ detail }) => {
      if (detail.tab === tab) return;
      also.textContent = detail.said;
      also.hidden = false;
      clearTimeout(ends);
      ends = setTimeout(() => { also.hidden = true; }, 25e3);
    });
  }

  // What somebody who knows no Markdown presses.
  const tools = $('.tools', editor);
  tools.hidden = false;
  // As if it were typed, so that it can be undone.
  function put(text, from, to) {
    body.focus();
    body.setSelectionRange(from, to);
    if (document.execCommand('insertText', false, text)) return;
    body.setRangeText(text, from, to, 'end');
    body.dispatchEvent(new Event('input', { bubbles: true }));
  }
  // With an empty line between it and what stands before and behind it.
  function block(text, from, to) {
    const [above, below] = [body.value.slice(0, from), body.value.slice(to)];
    const gap = (there, ends) => there.trim() ? '\n'.repeat(2 - Math.min(2, there.match(ends)[0].length)) : '';
    put(gap(above, /\n*$/) + text + gap(below, /^\n*/), from, to);
  }
  function around(mark, words) {
    const { selectionStart: from, selectionEnd: to, value } = body;
    const inside = value.slice(from, to) || words;
    put(mark + inside + mark, from, to);
    body.setSelectionRange(from + mark.length, from + mark.length + inside.length);
  }
  function before(mark) {
    const from = body.value.lastIndexOf('\n', body.selectionStart - 1) + 1;
    const end = body.value.indexOf('\n', body.selectionEnd);
    const to = end < 0 ? body.value.length : end;
    let n = 0;
    put(body.value.slice(from, to).split('\n').map((line) => mark.replace('1', ++n) + line.replace(/^(?:#+|[-*]|\d+\.) +/, '')).join('\n'), from, to);
  }
  const TOOLS = {
    bold: (name) => around('**', name),
    heading: () => before('## '),
    list: () => before('- '),
    steps: () => before('1. '),
    link: (name) => {
      const { selectionStart: from, selectionEnd: to, value } = body;
      const chosen = value.slice(from, to);
      const is = /^(?:https?:\/\/|www\.)\S+$/.test(chosen);
      const [words, address] = is ? [name, chosen] : [chosen || name, 'https://'];
      put(`[${words}](${address})`, from, to);
      // What is still to be said is selected: a pasted address replaces the beginning of one.
      const at = is ? from + 1 : from + words.length + 3;
      body.setSelectionRange(at, at + (is ? words : address).length);
    },
    table: (name, button) => {
      const row = (cells) => `| ${cells.join(' | ')} |\n`;
      const head = button.dataset.head.split('|');
      block(`${row(head)}${row(head.map(() => '---'))}${row(['', ''])}${row(['', '']).trim()}`, body.selectionStart, body.selectionEnd);
    },
    picture: () => chooser.click(),
  };
  const chooser = $('[type=file]', tools);
  tools.addEventListener('click', (event) => {
    const tool = event.target.closest('[data-tool]');
    if (tool) TOOLS[tool.dataset.tool](tool.textContent, tool);
  });
  async function upload(files) {
    const refused = [];
    for (const file of files) {
      if (file.size > chooser.dataset.most) { refused.push(say['error.picture.large']); continue; }
      const form = new FormData();
      form.set('file', file);
      tools.ariaBusy = 'true';
      tell(say['tool.picture.busy']);
      const answer = await posted('/console/articles/pictures', form);
      tools.ariaBusy = 'false';
      const made = answer ? await answer.json().catch(() => ({})) : { detail: say['error.offline'] };
      if (!answer || !answer.ok) { refused.push(made.detail || say.error); continue; }
      toast.className = '';
      const { selectionStart: from, selectionEnd: to, value } = body;
      put(`${from && value[from - 1] !== '\n' ? '\n\n' : ''}${made.markdown}\n`, from, to);
    }
    if (refused.length) tell([...new Set(refused)].join(' '), true);
  }
  const pictures = (list) => [...list].filter((file) => file.type.startsWith('image/'));
  chooser.addEventListener('change', () => { upload([...chooser.files]); chooser.value = ''; });
  body.addEventListener('paste', (event) => {
    // A spreadsheet's cells come as a picture, too.
    const found = event.clipboardData.types.includes('text/plain') ? [] : pictures(event.clipboardData.files);
    if (found.length) { event.preventDefault(); upload(found); }
    const html = event.clipboardData.getData('text/html');
    if (!LAID_OUT.test(html)) return;
    event.preventDefault();
    fromDocument(html, event.clipboardData.getData('text/plain').replace(/\r\n?/g, '\n'));
  });
  // From a document or a page. Code and Markdown, which editors colour, have none of these.
  const LAID_OUT = /<(?:p|table|h[1-6]|ul|ol|b|strong|a)\b/i;
  async function fromDocument(html, plain) {
    const from = body.selectionStart;
    put(plain, from, body.selectionEnd); // whatever becomes of the rest
    const form = new FormData();
    form.set('html', html);
    const answer = await posted('/console/articles/pasted', form);
    const { markdown } = answer?.ok ? await answer.json() : {};
    if (!markdown || markdown === plain.trim() || body.value.slice(from, from + plain.length) !== plain) return;
    (/^(?:#|\||- |\d+\. )|\n/.test(markdown) ? block : put)(markdown, from, from + plain.length);
    tell(say['tool.pasted'] + (/<img\b/i.test(html) ? ` ${say['tool.pasted.pictures']}` : ''));
  }
  body.addEventListener('dragover', (event) => { if (event.dataTransfer.types.includes('Files')) { event.preventDefault(); body.classList.add('over'); } });
  body.addEventListener('dragleave', () => body.classList.remove('over'));
  body.addEventListener('drop', (event) => {
    body.classList.remove('over');
    if (!event.dataTransfer.files.length) return;
    event.preventDefault(); // or the browser leaves the page for the file
    upload([...event.dataTransfer.files]);
  });
}

const tabs = $$('[role=tab]');
for (const tab of tabs) {
  tab.tabIndex = tab.ariaSelected === 'true' ? 0 : -1;
  tab.addEventListener('click', () => {
    for (const one of tabs) {
      one.setAttribute('aria-selected', one === tab);
      one.tabIndex = one === tab ? 0 : -1;
      document.getElementById(one.getAttribute('aria-controls')).hidden = one !== tab;
    }
  });
  tab.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    next.focus();
    next.click();
  });
}
