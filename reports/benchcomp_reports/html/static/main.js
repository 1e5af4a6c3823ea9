// Tabs, colours, printing, and the start.

const VIEWS = {
  overview: { init() {}, render() {} },
  curves: curvesView,
  bdrate: bdrateView,
  pictures: picturesView,
  images: imagesView,
  statistics: statisticsView,
  cost: costView,
};

const tabs = [...document.querySelectorAll('[role=tab]')];

let shownTab = null;

function showTab() {
  const current = state.get('tab');
  for (const tab of tabs) {
    const selected = tab.dataset.tab === current;
    tab.setAttribute('aria-selected', String(selected));
    tab.tabIndex = selected ? 0 : -1;
    if (selected && current !== shownTab) bringIntoView(tab);
    $(`panel-${tab.dataset.tab}`).hidden = !selected;
  }
  if (current !== shownTab) hideTip();
  shownTab = current;
}

/** On narrow screens the row of tabs scrolls. */
function bringIntoView(tab) {
  const row = $('tabs');
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}

function render() {
  showTab();
  syncControls();
  VIEWS[state.get('tab')].render();
}

function tabKeys(event) {
  const index = tabs.indexOf(event.target);
  const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (index < 0 || next === undefined) return;
  event.preventDefault();
  const tab = tabs[(next + tabs.length) % tabs.length];
  state.set({ tab: tab.dataset.tab }, true);
  tab.focus();
}

// Colours: as the system says, or fixed by the reader.

const THEMES = [
  ['auto', 'Auto', 'light dark'],
  ['light', 'Light', 'light'],
  ['dark', 'Dark', 'dark'],
];

function setTheme(index) {
  const [theme, text, scheme] = THEMES[index];
  document.documentElement.style.colorScheme = scheme;
  const button = $('theme');
  button.dataset.theme = theme;
  button.textContent = text;
  button.setAttribute('aria-label', `Colours: ${theme === 'auto' ? 'automatic' : theme}`);
}

function nextTheme() {
  setTheme((THEMES.findIndex(([theme]) => theme === $('theme').dataset.theme) + 1) % THEMES.length);
  render();
}

// On paper all views are there, in light colours.

let themeBeforePrint = 0;

function beforePrint() {
  themeBeforePrint = THEMES.findIndex(([theme]) => theme === $('theme').dataset.theme);
  setTheme(1);
  document.documentElement.classList.add('printing');
  for (const details of document.querySelectorAll('details')) details.open = true;
  for (const [name, view] of Object.entries(VIEWS)) {
    $(`panel-${name}`).hidden = false;
    view.render();
  }
}

function afterPrint() {
  document.documentElement.classList.remove('printing');
  setTheme(themeBeforePrint);
  render();
}

function start() {
  for (const [name, view] of Object.entries(VIEWS)) view.init($(`panel-${name}`));
  for (const tab of tabs) tab.addEventListener('click', () => state.set({ tab: tab.dataset.tab }, true));
  $('tabs').addEventListener('keydown', tabKeys);
  $('theme').addEventListener('click', nextTheme);
  document.addEventListener('keydown', (event) => event.key === 'Escape' && hideTip());
  setTheme(0);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', render);
  const follow = () => {
    state.read();
    render();
  };
  window.addEventListener('hashchange', follow);
  window.addEventListener('popstate', follow);
  window.addEventListener('beforeprint', beforePrint);
  window.addEventListener('afterprint', afterPrint);
  state.listeners.push(render);
  follow();
  document.documentElement.dataset.ready = 'true';
}

start();
