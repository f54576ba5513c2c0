// The help centre works without this; with it, it suggests while one types, votes in place, and
// carries the question into the chat.
'use strict';
const PAUSE = 200; // after a key
const COMPOSING = 700; // a syllable that nobody goes on with; never one request for each letter

const open = (question) => window.Sangdam && window.Sangdam.open(question || undefined);
document.addEventListener('click', (event) => {
  const link = event.target.closest('[data-chat]');
  if (!link || !window.Sangdam) return; // the link leads to the shop's page with the chat
  event.preventDefault();
  open(link.dataset.question);
});

const form = document.querySelector('[data-suggest]');
if (form) {
  const field = form.querySelector('#q');
  const status = form.querySelector('#q-status');
  const list = Object.assign(document.createElement('ul'), { id: 'q-list', className: 'suggest', hidden: true });
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', field.labels[0].textContent);
  form.append(list);
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'q-list', 'aria-autocomplete': 'list' })) field.setAttribute(name, value);
  let timer = 0;
  let asked = field.value.trim();
  if (!asked && history.state && history.state.question) field.value = history.state.question;
  let at = -1;

  const shut = () => { list.hidden = true; at = -1; field.setAttribute('aria-expanded', 'false'); field.removeAttribute('aria-activedescendant'); };
  function option(content, go) {
    const item = document.createElement('li');
    item.id = `q-${list.children.length}`;
    item.setAttribute('role', 'option');
    item.setAttribute('aria-selected', 'false');
    item.append(...content);
    item.addEventListener('mousedown', (event) => event.preventDefault());
    item.addEventListener('click', go);
    list.append(item);
  }
  function show(results, question) {
    list.replaceChildren();
    for (const one of results) {
      const small = Object.assign(document.createElement('small'), { textContent: one.category });
      option([one.title, small], () => {
        history.replaceState({ question }, ''); // which is there again for whoever comes back
        location.assign(one.url);
      });
    }
    if (window.Sangdam) option([form.dataset.ask.replace('{q}', question)], () => { shut(); open(question); });
    status.textContent = results.length ? form.dataset.found.replace('{n}', results.length) : form.dataset.none;
    at = -1;
    list.hidden = !list.children.length;
    field.setAttribute('aria-expanded', String(!list.hidden));
  }
  async function suggest() {
    const question = field.value.trim();
    if (question === asked) return;
    asked = question;
    if (!question) return shut();
    const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(question)}`).catch(() => null);
    if (answer && answer.ok && question === asked && document.activeElement === field) show((await answer.json()).results, question);
  }
  const later = (wait) => { clearTimeout(timer); timer = setTimeout(suggest, wait); };
  field.addEventListener('input', (event) => later(event.isComposing ? COMPOSING : PAUSE));
  field.addEventListener('compositionend', () => later(PAUSE));
  field.addEventListener('blur', shut);
  field.addEventListener('focus', () => {
    if (field.value.trim() !== asked) suggest();
    else if (asked && list.children.length) { list.hidden = false; field.setAttribute('aria-expanded', 'true'); }
  });
  field.addEventListener('keydown', (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Escape' && !list.hidden) { event.preventDefault(); return shut(); }
    const items = [...list.children];
    if (list.hidden || !items.length) return;
    if (event.key === 'Enter' && at >= 0) { event.preventDefault(); return items[at].click(); }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    at = (at + step + items.length + (at < 0 && step < 0 ? 1 : 0)) % items.length;
    items.forEach((item, n) => item.setAttribute('aria-selected', String(n === at)));
    field.setAttribute('aria-activedescendant', items[at].id);
    items[at].scrollIntoView({ block: 'nearest' });
  });
}

const vote = document.querySelector('.vote');
if (vote) {
  vote.addEventListener('submit', async (event) => {
    event.preventDefault();
    const { value } = event.submitter;
    const said = vote.querySelector('[role=status]');
    const answer = await fetch(vote.action, { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(new FormData(vote, event.submitter)) }).catch(() => null);
    const done = answer && answer.ok;
    said.textContent = done ? vote.dataset[value] : vote.dataset.failed;
    if (!done) return;
    for (const one of vote.querySelectorAll('button')) one.setAttribute('aria-pressed', String(one.value === value));
    vote.querySelector('[data-chat]').hidden = value === 'yes';
  });
}
