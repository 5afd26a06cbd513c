document.addEventListener("change", ({ target }) => {
  const cookie = target.dataset?.language;
  if (!cookie) return;
  document.cookie = `${cookie}=${target.value}; path=/; max-age=31536000; samesite=lax`;
  location.reload();
});
