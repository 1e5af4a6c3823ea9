// What is being looked at, kept in the URL's hash so that a view can be sent. Only what differs from the
// defaults is in there; a hash that names something unknown falls back to the default.

const DEFAULTS = {
  tab: 'overview',
  metric: DATA.focus.metric,
  rate: DATA.focus.rate === null ? '' : String(DATA.focus.rate),
  unit: 'bpp',
  log: '1',
  band: '1',
  cloud: '0',
  hidden: [],
  aggregate: 'images',
  image: '',
  codecs: [],
  mode: 'slider',
  left: '',
  right: '',
  show: '',
  split: '50',
  gain: '4',
  zoom: 'fit',
  x: '0.5',
  y: '0.5',
  find: '',
  winner: '',
  withPictures: '0',
  sort: '',
  anchor: DATA.focus.anchor || (OWN.length ? OWN[0].name : ''),
  cost: 'encode_wall_s',
};

const CHOICES = {
  tab: ['overview', 'curves', 'bdrate', 'pictures', 'images', 'statistics', 'cost'],
  metric: [...METRICS.keys()],
  rate: DATA.rates.map(String),
  unit: ['bpp', 'bpc', 'bytes'],
  log: ['0', '1'],
  band: ['0', '1'],
  cloud: ['0', '1'],
  aggregate: ['images', 'curve'],
  mode: ['slider', 'flicker', 'side', 'difference'],
  withPictures: ['0', '1'],
  anchor: OWN.map((series) => series.name),
  gain: ['1', '2', '4', '8', '16', '32'],
  cost: ['encode_wall_s', 'decode_wall_s', 'encode_cpu_s', 'decode_cpu_s', 'peak_rss_bytes'],
};

const state = {
  values: { ...DEFAULTS },
  listeners: [],

  get(key) {
    return this.values[key];
  },

  /** Change values, tell the views, and put them into the hash (`push` makes the Back button undo it). */
  set(changes, push = false) {
    const before = JSON.stringify(this.values);
    this.values = { ...this.values, ...changes };
    if (JSON.stringify(this.values) === before) return;
    this.notify();
    if (push) this.write(true);
    else this.writeSoon();
  },

  notify() {
    for (const listener of this.listeners) listener();
  },

  /** Browsers refuse too many changes of the address in a short time, so dragging writes once at the end. */
  writeSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(false), 120);
  },

  write(push) {
    clearTimeout(this.timer);
    const parameters = new URLSearchParams();
    for (const [key, value] of Object.entries(this.values)) {
      if (Array.isArray(value)) value.forEach((part) => parameters.append(key, part));
      else if (value !== DEFAULTS[key]) parameters.append(key, value);
    }
    const hash = `#${parameters}`;
    if (hash === location.hash || (hash === '#' && !location.hash)) return;
    if (push) history.pushState(null, '', hash);
    else history.replaceState(null, '', hash);
  },

  read() {
    const parameters = new URLSearchParams(location.hash.slice(1));
    const values = { ...DEFAULTS };
    for (const key of Object.keys(DEFAULTS)) {
      if (!parameters.has(key)) continue;
      const value = Array.isArray(DEFAULTS[key]) ? parameters.getAll(key) : parameters.get(key);
      if (!CHOICES[key] || CHOICES[key].includes(value)) values[key] = value;
    }
    const known = (names) => [...new Set(names)].filter((name) => byName.has(name));
    values.hidden = known(values.hidden);
    values.codecs = known(values.codecs);
    for (const key of ['x', 'y']) values[key] = String(clamp(Number(values[key]) || 0, 0, 1));
    values.split = String(clamp(Number(values.split) || 0, 0, 100));
    values.zoom = Number(values.zoom) > 0 ? String(clamp(Number(values.zoom), 0.05, 64)) : 'fit';
    this.values = values;
  },
};

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

const currentMetric = () => METRICS.get(state.get('metric'));
const currentRate = () => DATA.rates.findIndex((rate) => String(rate) === state.get('rate'));
