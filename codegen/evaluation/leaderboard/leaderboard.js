// Puts the page together: tabs, keys, and the address, which tells what is shown.

const PANELS = {
  board: drawBoard,
  failures: drawFailures,
  resources: drawResources,
  groups: drawGroups,
  differences: drawDifferences,
  cases: drawCases,
  about: () => {},
};

function show() {
  for (const tab of TABS) {
    const chosen = tab.dataset.tab === state.tab;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    if (chosen) tab.parentElement.scrollLeft = tab.offsetLeft - 60; // where the tabs do not fit
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !chosen;
  }
  document.getElementById("filters").hidden = state.tab === "about";
  drawFilters();
  PANELS[state.tab](document.querySelector(`#panel-${state.tab} .panel-body`));
  drawCase();
}

function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (SIDE.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") SIDE.querySelector(".close").click();
    if (event.target.closest("input, select, textarea")) return;
    if (event.key === "j") stepTo(1);
    if (event.key === "k") stepTo(-1);
  });
}

async function start() {
  const wait = document.getElementById("wait");
  if (typeof DecompressionStream === "undefined") {
    wait.textContent = "This browser cannot unpack the page: it needs Chromium 80, Firefox 113, Safari 16.4 or later.";
    return;
  }
  await readData();
  wait.remove();
  listenToTabs();
  listenToKeys();
  window.addEventListener("popstate", readAddress);
  readAddress();
  document.body.dataset.ready = "true";
}

start();
