// Time and memory against quality: a plot with a point per codec and rate, and the numbers.

const COSTS = {
  encode_wall_s: 'Encoding time, wall',
  decode_wall_s: 'Decoding time, wall',
  encode_cpu_s: 'Encoding time, CPU',
  decode_cpu_s: 'Decoding time, CPU',
  peak_rss_bytes: 'Peak memory',
};

const costView = {
  init(panel) {
    this.box = chartBox('chart-cost');
    this.table = el('table', { class: 'numbers', id: 'table-cost' });
    panel.append(
      toolbar(metricField(), selectField('Cost', 'cost', Object.entries(COSTS))),
      seriesField(OWN),
      this.box,
      el('div', { class: 'figure-line' }, note('A point per rate, joined in order of rate; bars are the quartiles over images.'), csvButton(() => this.csv())),
      scrolling('Cost', this.table),
    );
  },

  shown() {
    const visible = new Set(OWN.filter(isShown).map((series) => series.name));
    return DATA.cost.filter((item) => visible.has(item.name));
  },

  show(column, value) {
    return column === 'peak_rss_bytes' ? format.bytes(value) : format.seconds(value);
  },

  render() {
    const metric = currentMetric();
    const cost = state.get('cost');
    const traces = OWN.filter(isShown).map((series) => this.trace(series, metric, cost));
    const unit = cost === 'peak_rss_bytes' ? 'bytes' : 's';
    const layout = chartLayout(`${COSTS[cost]}, ${unit}`, metric ? metricLabel(metric) : 'bpp', true);
    this.renderTable();
    const parts = this.shown().map((item) => `${item.name}${item.rate ? ` at ${format.rate(item.rate)}` : ''}: ${this.show(cost, item[cost][1])}`);
    return drawChart(this.box, traces, layout, `${COSTS[cost]} against quality. ${parts.join('; ')}.`);
  },

  trace(series, metric, cost) {
    const items = DATA.cost.filter((item) => item.name === series.name && item[cost][1] !== null);
    const value = (item) => (metric ? item[metric.name] : item.bpp);
    return {
      type: 'scatter',
      mode: 'lines+markers',
      x: items.map((item) => item[cost][1]),
      y: items.map(value),
      error_x: {
        type: 'data',
        symmetric: false,
        array: items.map((item) => item[cost][2] - item[cost][1]),
        arrayminus: items.map((item) => item[cost][1] - item[cost][0]),
        color: seriesColour(series),
        thickness: 1,
        width: 3,
      },
      text: items.map(
        (item) =>
          `<b>${plain(series.name)}</b>, ${format.bpp(item.bpp)} bpp<br>${COSTS[cost]} ${this.show(cost, item[cost][1])}` +
          `<br>${metric ? `${plain(metric.title)} ${format.metric(value(item), metric)}` : ''}`,
      ),
      hovertemplate: '%{text}<extra></extra>',
      line: { color: seriesColour(series), width: 1.5 },
      marker: { color: seriesColour(series), size: 8, symbol: seriesMark(series) },
    };
  },

  renderTable() {
    const metric = currentMetric();
    const head = ['Codec', 'At', 'bpp', metric ? metricLabel(metric) : null, 'Encode', 'MP/s', 'Decode', 'MP/s', 'Peak memory', 'Images'];
    const quartiles = (item, column) =>
      el(
        'td',
        { title: `fastest ${this.show(column, item[`${column}:min`])}` },
        this.show(column, item[column][1]),
        el('span', { class: 'interval' }, `${this.show(column, item[column][0])} – ${this.show(column, item[column][2])}`),
      );
    const speed = (value) => el('td', {}, value === null ? '–' : value.toPrecision(3));
    const rows = this.shown().map((item) =>
      el(
        'tr',
        {},
        el('th', { scope: 'row' }, swatch(byName.get(item.name)), item.name),
        el('td', {}, item.rate === null ? '–' : format.rate(item.rate)),
        el('td', {}, format.bpp(item.bpp)),
        metric ? el('td', {}, format.metric(item[metric.name], metric)) : null,
        quartiles(item, 'encode_wall_s'),
        speed(item.encode_mp_s),
        quartiles(item, 'decode_wall_s'),
        speed(item.decode_mp_s),
        el('td', {}, format.bytes(item.peak_rss_bytes[1])),
        el('td', {}, String(item.images)),
      ),
    );
    this.table.replaceChildren(
      el('thead', {}, el('tr', {}, head.filter(Boolean).map((text) => el('th', { scope: 'col' }, text)))),
      el('tbody', {}, rows),
    );
  },

  csv() {
    const columns = Object.keys(COSTS);
    const parts = columns.flatMap((column) => [`${column}_q1`, `${column}_median`, `${column}_q3`, `${column}_min`]);
    const header = ['codec', 'target_bpp', 'bpp', ...METRICS.keys(), ...parts, 'images'];
    const rows = this.shown().map((item) => [
      item.name,
      item.rate,
      item.bpp,
      ...[...METRICS.keys()].map((name) => item[name]),
      ...columns.flatMap((column) => [...item[column], item[`${column}:min`]]),
      item.images,
    ]);
    return { name: 'cost', header, rows };
  },
};
