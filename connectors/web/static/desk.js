// A ticket's page: macros in the composer, who else writes, and what to think of before it is resolved.
'use strict';
{
  const form = document.querySelector('.composer');
  const pick = form && form.elements.pick;
  if (pick) {
    const { text, macro } = form.elements;
    const hint = form.querySelector('.macro-hint');
    const forget = () => { macro.value = ''; hint.hidden = true; };
    pick.addEventListener('change', async () => {
      const chosen = pick.value;
      if (!chosen) return;
      pick.value = '';
      // A macro is for the customer, and a note never is.
      if (form.elements.mode.value === 'note' && text.value.trim()) return tell(say['macro.note_first'], true);
      try {
        const answer = await fetch(`${form.dataset.macros}/${chosen}`, { headers: { 'X-Console': '1' } });
        const made = await answer.json();
        if (!answer.ok) throw new Error(made.detail);
        form.elements.mode.value = 'reply';
        const [before, after] = [text.value.slice(0, text.selectionStart), text.value.slice(text.selectionEnd)];
        const apart = (one, other) => (one && other && !/\s$/.test(one) && !/^\s/.test(other) ? '\n' : '');
        const words = apart(before, made.text) + made.text + apart(made.text, after);
        text.setRangeText(words, text.selectionStart, text.selectionEnd, 'end');
        text.dispatchEvent(new Event('input', { bubbles: true }));
        macro.value = chosen;
        hint.textContent = made.hint;
        hint.classList.toggle('warn', made.missing.length > 0);
        hint.hidden = !made.hint;
        text.focus();
      } catch (error) {
        hint.textContent = error.message;
        hint.hidden = false;
      }
    });
    // Nothing is left of it: what is written now is the agent's own.
    text.addEventListener('input', () => { if (!text.value.trim()) forget(); });
    form.addEventListener('sent', forget);
  }

  // Two answers to one question help nobody. Who writes says so every few seconds.
  const writing = document.querySelector('.writing');
  let ends = 0;
  document.addEventListener('writing', (event) => {
    writing.textContent = event.detail.said;
    writing.hidden = false;
    clearTimeout(ends);
    ends = setTimeout(() => { writing.hidden = true; }, 8000);
  });

  const resolve = document.querySelector('#resolve');
  resolve.addEventListener('beforetoggle', () => {
    const last = [...document.querySelectorAll('[data-live=conversation] .msg')].at(-1);
    const unsent = form.elements.mode.value === 'reply' && form.elements.text.value.trim();
    resolve.querySelector('.unsent').hidden = !unsent;
    resolve.querySelector('.unanswered').hidden = unsent || !last || !last.classList.contains('customer');
  });
}
