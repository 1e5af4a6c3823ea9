// What everything else uses: the page's data, making elements, formatting numbers, CSV files.
// Text from the data reaches the document through textContent and attributes only.

const DATA = JSON.parse(document.getElementById('data').textContent);
const METRICS = new Map(DATA.metrics.map((metric) => [metric.name, metric]));
const SERIES = DATA.series.map((series, index) => ({ ...series, index }));
const OWN = SERIES.filter((series) => !series.published);
const byName = new Map(SERIES.map((series) => [series.name, series]));

const $ = (id) => document.getElementById(id);

/** Make an element: attributes (`on…` are listeners, false and null are left out), then children. */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Tell people who can't see the page what just changed. */
function announce(text) {
  $('status').textContent = text;
}

// Numbers

const MINUS = '−';
const fixed = (value, digits) => value.toFixed(digits).replace('-', MINUS);

const format = {
  metric: (value, metric) => (value === null || value === undefined ? '–' : fixed(value, metric.digits)),
  bpp: (value) => (value === null || value === undefined ? '–' : fixed(value, value < 10 ? 4 : 2)),
  rate: (value) => `${Number(value.toPrecision(6))} bpp`,
  signed: (value, digits) => (value > 0 ? `+${fixed(value, digits)}` : fixed(value, digits)),
  percent: (value) => (value === null || value === undefined ? '–' : `${format.signed(value, 1)} %`),
  seconds(value) {
    if (value === null || value === undefined) return '–';
    if (value >= 1) return `${value.toPrecision(3)} s`;
    return value >= 1e-3 ? `${(value * 1e3).toPrecision(3)} ms` : `${(value * 1e6).toPrecision(3)} µs`;
  },
  bytes(value) {
    if (value === null || value === undefined) return '–';
    if (value < 1024) return `${value} B`;
    return value < 2 ** 20 ? `${(value / 1024).toFixed(1)} KiB` : `${(value / 2 ** 20).toFixed(0)} MiB`;
  },
  p(value) {
    if (value === null || value === undefined) return '–';
    return value < 0.0001 ? '< 0.0001' : value.toFixed(4);
  },
};

const metricLabel = (metric) => (metric.unit ? `${metric.title}, ${metric.unit}` : metric.title);
const better = (metric, one, other) => (metric.higher ? one > other : one < other);

/** The best of several values, `null` when fewer than two are known. */
function bestOf(metric, values) {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length < 2 ? null : known.reduce((one, other) => (better(metric, other, one) ? other : one));
}

// CSV

function csvCell(value) {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Save a table as CSV (RFC 4180); nothing leaves the page. */
function saveCsv(name, header, rows) {
  const text = [header, ...rows].map((row) => row.map(csvCell).join(',') + '\r\n').join('');
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = el('a', { href: url, download: `${name}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** The button that saves what a view shows; `table` gives `{name, header, rows}` when it is pressed. */
function csvButton(table) {
  const save = () => {
    const { name, header, rows } = table();
    saveCsv(name, header, rows);
  };
  return el('button', { type: 'button', class: 'quiet csv', onclick: save }, 'Download CSV');
}
