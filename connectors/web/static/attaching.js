// Files of an agent's answer: chosen, dropped or pasted, shown before they are sent, and kept in the
// form's own field, so that the form sends them.
'use strict';
const form = document.querySelector('.composer');
const field = form.elements.files;
const list = form.querySelector('.chosen');
const words = form.elements.text;

function set(files) {
  const holder = new DataTransfer();
  for (const file of files) holder.items.add(file);
  field.files = holder.files;
  form.querySelector('.wrong').hidden = true;
  show();
}

function show() {
  const files = [...field.files];
  list.hidden = !files.length;
  words.required = !files.length;
  list.replaceChildren(...files.map((file, place) => {
    const item = document.createElement('li');
    const name = Object.assign(document.createElement('b'), { textContent: file.name });
    const drop = Object.assign(document.createElement('button'), { type: 'button', textContent: '×' });
    drop.ariaLabel = `${list.dataset.drop}: ${file.name}`;
    drop.addEventListener('click', () => { set(files.filter((_, other) => other !== place)); field.focus(); });
    item.append(name, drop);
    return item;
  }));
}

const add = (files) => set([...field.files, ...files]);
let before = [];
field.addEventListener('click', () => { before = [...field.files]; });
// What is chosen later comes to what is there.
field.addEventListener('change', () => { set([...before, ...field.files]); before = []; });
field.addEventListener('cancel', () => { before = []; });
words.addEventListener('paste', (event) => {
  if (!event.clipboardData.files.length || event.clipboardData.types.includes('text/plain')) return;
  event.preventDefault();
  add(event.clipboardData.files);
});
const talk = document.querySelector('.talk');
const carries = (event) => event.dataTransfer && event.dataTransfer.types.includes('Files');
talk.addEventListener('dragover', (event) => { if (carries(event)) { event.preventDefault(); talk.dataset.over = ''; } });
talk.addEventListener('dragleave', (event) => { if (!talk.contains(event.relatedTarget)) delete talk.dataset.over; });
talk.addEventListener('drop', (event) => {
  delete talk.dataset.over;
  if (!carries(event)) return;
  event.preventDefault();
  add(event.dataTransfer.files);
});
form.addEventListener('sent', () => set([]));
show();
