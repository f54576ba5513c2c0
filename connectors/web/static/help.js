// "Ask in the chat" opens the widget; without it the link leads to the shop's page.
document.addEventListener('click', (event) => {
  const link = event.target.closest('[data-chat]');
  if (link && window.Sangdam) {
    event.preventDefault();
    window.Sangdam.open();
  }
});
