// Tabs that are chosen by a click or the arrow keys; `go` is the page's own.

const TABS = [...document.querySelectorAll("[role=tab]")];

function listenToTabs() {
  for (const [at, tab] of TABS.entries()) {
    tab.addEventListener("click", () => go({ tab: tab.dataset.tab }));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = TABS[(at + step + TABS.length) % TABS.length];
      go({ tab: next.dataset.tab });
      next.focus();
    });
  }
}
