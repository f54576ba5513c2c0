/* The suggested questions of the demo shop open the chat and ask. */
for (const button of document.querySelectorAll('[data-ask]')) {
  button.addEventListener('click', () => window.Sangdam && window.Sangdam.open(button.textContent));
}
