// A macro's words in the composer: put where the cursor is, to be read over before they are sent.
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
      try {
        const answer = await fetch(`${form.dataset.macros}/${chosen}`, { headers: { 'X-Console': '1' } });
        const made = await answer.json();
        if (!answer.ok) throw new Error(made.detail);
        form.elements.mode.value = 'reply';
        text.setRangeText(made.text, text.selectionStart, text.selectionEnd, 'end');
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
}
