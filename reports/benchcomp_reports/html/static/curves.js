// The rate-distortion plot and the table of its points.

const UNITS = {
  bpp: { title: 'Rate, bits per pixel', of: (point) => point.bpp },
  bpc: { title: 'Rate, bits per pixel and channel', of: (point) => (point.bpp === null ? null : point.bpp / 3) },
  bytes: { title: 'Size, bytes per image', of: (point) => point.bytes },
};

const curvesView = {
  init(panel) {
    this.box = chartBox('chart-curves');
    this.table = el('table', { class: 'numbers', id: 'table-curves' });
    panel.append(
      toolbar(
        metricField(),
        segmentedField('Rate in', 'unit', [
          ['bpp', 'bpp'],
          ['bpc', 'bits/pixel/channel'],
          ['bytes', 'bytes'],
        ]),
        el(
          'div',
          { class: 'checks' },
          checkField('Logarithmic rate', 'log'),
          checkField('Intervals', 'band'),
          checkField('Every image', 'cloud'),
        ),
      ),
      seriesField(),
      this.box,
      el('div', { class: 'figure-line' }, note('Drag to zoom, double-click to see all.'), csvButton(() => this.csv())),
      el('h3', {}, 'The points'),
      scrolling('Averaged rate points', this.table),
    );
  },

  /** The points of one series' averaged curve as objects. */
  points(series) {
    const curve = DATA.curves[state.get('metric')][series.name];
    return curve.bpp.map((bpp, index) => ({
      series,
      bpp,
      bytes: curve.bytes[index],
      quality: curve.quality[index],
      value: curve.value[index],
      low: curve.low[index],
      high: curve.high[index],
      images: curve.images[index],
      left_out: curve.left_out[index],
      why: curve.why[index],
    }));
  },

  render() {
    const metric = currentMetric();
    if (!metric) {
      this.box.replaceChildren(note('No metric was measured.'));
      return undefined;
    }
    const shown = SERIES.filter((series) => isShown(series) && DATA.curves[metric.name][series.name]);
    const traces = [
      ...(state.get('cloud') === '1' ? shown.flatMap((series) => this.cloud(series, metric)) : []),
      ...(state.get('band') === '1' ? shown.flatMap((series) => this.band(series)) : []),
      ...shown.map((series) => this.line(series, metric)),
      ...shown.flatMap((series) => this.searched(series, metric)),
    ];
    const unit = UNITS[state.get('unit')];
    const layout = chartLayout(unit.title, metricLabel(metric), state.get('log') === '1');
    layout.shapes = this.rateLines();
    this.renderTable(shown, metric);
    return drawChart(this.box, traces, layout, this.alt(shown, metric));
  },

  line(series, metric) {
    const unit = UNITS[state.get('unit')];
    const points = this.points(series).filter((point) => unit.of(point) !== null);
    return {
      type: 'scatter',
      mode: 'lines+markers',
      x: points.map(unit.of),
      y: points.map((point) => point.value),
      text: points.map((point) => this.hover(point, metric)),
      hovertemplate: '%{text}<extra></extra>',
      line: { color: seriesColour(series), width: 2, dash: series.published ? 'dot' : 'solid' },
      marker: { color: seriesColour(series), size: 7, symbol: seriesMark(series) },
    };
  },

  hover(point, metric) {
    const unit = UNITS[state.get('unit')];
    const interval =
      point.low === null || point.low === undefined
        ? ''
        : ` [${format.metric(point.low, metric)}, ${format.metric(point.high, metric)}]`;
    const quality = point.quality === null || point.quality === undefined ? '' : `, setting ${point.quality}`;
    const rate = state.get('unit') === 'bytes' ? format.bytes(Math.round(unit.of(point))) : `${format.bpp(unit.of(point))}`;
    const left = point.left_out ? `<br>leaves out ${plain(point.why)}` : '';
    return (
      `<b>${plain(point.series.name)}</b>${quality}<br>${rate} ${state.get('unit') === 'bytes' ? '' : state.get('unit')}` +
      `<br>${plain(metric.title)} ${format.metric(point.value, metric)}${interval}<br>${point.images} images${left}`
    );
  },

  band(series) {
    const unit = UNITS[state.get('unit')];
    const points = this.points(series).filter((point) => point.low !== null && unit.of(point) !== null);
    if (points.length < 2) return [];
    const back = [...points].reverse();
    return [
      {
        type: 'scatter',
        mode: 'lines',
        x: [...points, ...back].map(unit.of),
        y: [...points.map((point) => point.high), ...back.map((point) => point.low)],
        fill: 'toself',
        fillcolor: faint(seriesColour(series), 0.16),
        line: { width: 0 },
        hoverinfo: 'skip',
      },
    ];
  },

  cloud(series, metric) {
    const cloud = DATA.clouds[series.name];
    if (!cloud) return [];
    const unit = UNITS[state.get('unit')];
    return [
      {
        type: 'scatter',
        mode: 'markers',
        x: cloud.bpp.map((bpp, index) => unit.of({ bpp, bytes: cloud.bytes[index] })),
        y: cloud[metric.name],
        text: cloud.image.map(
          (image, index) =>
            `${plain(DATA.images[image].name)}<br>${plain(series.name)}, ${format.bpp(cloud.bpp[index])} bpp` +
            `<br>${plain(metric.title)} ${format.metric(cloud[metric.name][index], metric)}`,
        ),
        hovertemplate: '%{text}<extra></extra>',
        marker: { color: seriesColour(series), size: 4, opacity: 0.28, symbol: seriesMark(series) },
      },
    ];
  },

  searched(series, metric) {
    const unit = UNITS[state.get('unit')];
    const points = DATA.curves[metric.name][series.name].equal.map((point) => ({ ...point, series }));
    if (!points.length) return [];
    return [
      {
        type: 'scatter',
        mode: 'markers',
        x: points.map(unit.of),
        y: points.map((point) => point.value),
        error_y: {
          type: 'data',
          symmetric: false,
          array: points.map((point) => (point.high === null ? 0 : point.high - point.value)),
          arrayminus: points.map((point) => (point.low === null ? 0 : point.value - point.low)),
          color: seriesColour(series),
          thickness: 1,
          width: 4,
        },
        text: points.map((point) => `${this.hover(point, metric)}<br>searched for ${format.rate(point.rate)}`),
        hovertemplate: '%{text}<extra></extra>',
        marker: { color: seriesColour(series), size: 11, symbol: 'diamond-open', line: { width: 2 } },
      },
    ];
  },

  rateLines() {
    if (state.get('unit') === 'bytes') return [];
    const scale = state.get('unit') === 'bpc' ? 1 / 3 : 1;
    return DATA.rates.map((rate) => ({
      type: 'line',
      x0: rate * scale,
      x1: rate * scale,
      y0: 0,
      y1: 1,
      yref: 'paper',
      layer: 'below',
      line: { color: cssColour('--muted'), width: 1, dash: 'dot' },
    }));
  },

  alt(shown, metric) {
    const parts = shown.map((series) => {
      const points = this.points(series);
      if (!points.length) return `${series.name}: no points`;
      const first = points[0];
      const last = points[points.length - 1];
      return (
        `${series.name}: ${format.metric(first.value, metric)} at ${format.bpp(first.bpp)} bpp ` +
        `to ${format.metric(last.value, metric)} at ${format.bpp(last.bpp)} bpp`
      );
    });
    return `Rate-distortion curves of ${metric.title}. ${parts.join('; ')}. The table below has all points.`;
  },

  renderTable(shown, metric) {
    const head = ['Codec', 'Setting', 'bpp', 'bits/pixel/channel', 'Bytes', metricLabel(metric), 'Interval', 'Images'];
    const rows = shown.flatMap((series) => this.points(series)).map((point) =>
      el(
        'tr',
        {},
        el('th', { scope: 'row' }, swatch(point.series), point.series.name),
        el('td', {}, point.quality === null ? '–' : String(point.quality)),
        el('td', {}, format.bpp(point.bpp)),
        el('td', {}, format.bpp(UNITS.bpc.of(point))),
        el('td', {}, point.bytes === null ? '–' : String(Math.round(point.bytes))),
        el('td', {}, format.metric(point.value, metric)),
        el('td', {}, point.low === null ? '–' : `${format.metric(point.low, metric)} – ${format.metric(point.high, metric)}`),
        el('td', {}, point.left_out ? `${point.images} (without ${point.why})` : String(point.images)),
      ),
    );
    this.table.replaceChildren(
      el('thead', {}, el('tr', {}, head.map((text) => el('th', { scope: 'col' }, text)))),
      el('tbody', {}, rows),
    );
  },

  csv() {
    const metric = state.get('metric');
    const header = ['codec', 'kind', 'image', 'quality', 'target_bpp', 'bpp', 'bpc', 'bytes', metric, 'low', 'high', 'images'];
    const shown = SERIES.filter(isShown);
    const rows = [];
    for (const series of shown) {
      for (const point of this.points(series)) {
        const { quality, bpp, bytes, value, low, high, images } = point;
        rows.push([series.name, 'mean', null, quality, null, bpp, UNITS.bpc.of(point), bytes, value, low, high, images]);
      }
      for (const point of DATA.curves[metric][series.name].equal) {
        const { rate, bpp, bytes, value, low, high, images } = point;
        rows.push([series.name, 'equal rate', null, null, rate, bpp, UNITS.bpc.of(point), bytes, value, low, high, images]);
      }
      const cloud = state.get('cloud') === '1' ? DATA.clouds[series.name] : null;
      for (const [index, image] of (cloud ? cloud.image : []).entries()) {
        const bpp = cloud.bpp[index];
        const cells = [cloud.quality[index], null, bpp, bpp / 3, cloud.bytes[index], cloud[metric][index]];
        rows.push([series.name, 'image', DATA.images[image].name, ...cells, null, null, 1]);
      }
    }
    return { name: `rate-distortion-${metric}`, header, rows };
  },
};
