// Controls bound to the state: each shows a value of it and changes it. `syncControls` brings all of them
// up to date after the state has changed elsewhere (the hash, a key).

const bound = [];

function syncControls() {
  for (const sync of bound) sync();
}

function labelled(text, control) {
  return el('label', { class: 'field' }, el('span', {}, text), control);
}

/** A choice out of `options`, pairs of value and text. */
function selectField(text, key, options) {
  const choose = () => state.set({ [key]: select.value });
  const select = el('select', { 'data-key': key, onchange: choose });
  select.append(...options.map(([value, name]) => el('option', { value }, name)));
  bound.push(() => {
    select.value = state.get(key);
  });
  return labelled(text, select);
}

function metricField() {
  return selectField('Metric', 'metric', DATA.metrics.map((metric) => [metric.name, metric.title]));
}

function rateField() {
  return selectField('Rate', 'rate', DATA.rates.map((rate) => [String(rate), format.rate(rate)]));
}

function checkField(text, key) {
  const toggle = () => state.set({ [key]: box.checked ? '1' : '0' });
  const box = el('input', { type: 'checkbox', 'data-key': key, onchange: toggle });
  bound.push(() => {
    box.checked = state.get(key) === '1';
  });
  return el('label', { class: 'check' }, box, el('span', {}, text));
}

/** A row of buttons of which one is pressed. */
function segmentedField(text, key, options) {
  const buttons = options.map(([value, name]) =>
    el('button', { type: 'button', 'data-value': value, onclick: () => state.set({ [key]: value }) }, name),
  );
  bound.push(() => {
    for (const button of buttons) {
      button.setAttribute('aria-pressed', String(button.dataset.value === state.get(key)));
    }
  });
  const group = el('div', { class: 'segmented', role: 'group', 'aria-label': text, 'data-key': key }, buttons);
  return el('div', { class: 'field' }, el('span', { 'aria-hidden': 'true' }, text), group);
}

/** The legend of the plots: a button per series that shows or hides it in all of them. */
function seriesField(list = SERIES) {
  const buttons = list.map((series) => {
    const toggle = () => {
      const hidden = new Set(state.get('hidden'));
      if (!hidden.delete(series.name)) hidden.add(series.name);
      state.set({ hidden: [...hidden] });
    };
    return el(
      'button',
      { type: 'button', class: 'chip', 'data-series': series.name, onclick: toggle },
      swatch(series),
      series.name,
    );
  });
  bound.push(() => {
    for (const button of buttons) {
      const shown = !state.get('hidden').includes(button.dataset.series);
      button.setAttribute('aria-pressed', String(shown));
    }
  });
  return el('div', { class: 'chips', role: 'group', 'aria-label': 'Codecs shown' }, buttons);
}

/** A line with the series' marker, as in the plots. */
function swatch(series) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 28 12');
  svg.setAttribute('class', 'swatch');
  svg.setAttribute('aria-hidden', 'true');
  svg.style.color = `var(--series-${series.index % PALETTE})`;
  const line = document.createElementNS(space, 'path');
  line.setAttribute('d', 'M0 6H28');
  line.setAttribute('stroke', 'currentColor');
  line.setAttribute('stroke-width', '2');
  if (series.published) line.setAttribute('stroke-dasharray', '3 3');
  const mark = document.createElementNS(space, 'path');
  mark.setAttribute('d', MARKS[series.index % MARKS.length].path);
  mark.setAttribute('fill', 'currentColor');
  svg.append(line, mark);
  return svg;
}

function toolbar(...fields) {
  return el('div', { class: 'toolbar' }, fields);
}

function note(text = '') {
  return el('p', { class: 'note' }, text);
}

/** A table that may be wider than the screen, with its name for screen readers. */
function scrolling(name, table) {
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': name }, table);
}

// The one tooltip. `text` gives its lines; shown on pointing and on focus, closed with Escape.

function withTip(node, text) {
  const show = () => showTip(node, text());
  for (const event of ['mouseenter', 'focus', 'click']) node.addEventListener(event, show);
  for (const event of ['mouseleave', 'blur']) node.addEventListener(event, hideTip);
  return node;
}

function showTip(node, lines) {
  const tip = $('tip');
  tip.replaceChildren(...lines.map((line) => el('p', {}, line)));
  tip.hidden = false;
  node.setAttribute('aria-describedby', 'tip');
  const box = node.getBoundingClientRect();
  const left = clamp(box.left, 8, document.documentElement.clientWidth - tip.offsetWidth - 8);
  const above = box.top - tip.offsetHeight - 8;
  tip.style.left = `${left + window.scrollX}px`;
  tip.style.top = `${(above > 0 ? above : box.bottom + 8) + window.scrollY}px`;
}

function hideTip() {
  $('tip').hidden = true;
}
