// The BD-rate matrix of one metric: codec of the row against codec of the column.

const bdrateView = {
  init(panel) {
    this.table = el('table', { class: 'matrix', id: 'table-bdrate' });
    this.about = note();
    panel.append(
      toolbar(
        metricField(),
        segmentedField('Aggregate', 'aggregate', [
          ['images', 'Mean of per-image BD-rates'],
          ['curve', 'BD-rate of the averaged curves'],
        ]),
      ),
      scrolling('BD-rate matrix', this.table),
      el('div', { class: 'figure-line' }, this.about, csvButton(() => this.csv())),
    );
  },

  cells() {
    return new Map(DATA.bd[state.get('metric')].map((cell) => [`${cell.anchor}\n${cell.test}`, cell]));
  },

  /** What a cell shows under the chosen aggregate: `value` is null with a `reason`. */
  shown(cell) {
    if (state.get('aggregate') === 'curve') return { ...cell.curve, small: this.overlap(cell.curve) };
    if (!cell.images) return { value: null, reason: 'one of the two has averages only, no images' };
    const { value, low, high, n, left_out: leftOut } = cell.images;
    if (value === null) return { value, reason: this.reasons(leftOut) || 'no image has both curves' };
    const interval = low === null ? '' : `[${format.signed(low, 1)}, ${format.signed(high, 1)}] `;
    return { value, low, high, small: `${interval}n ${n}` };
  },

  overlap: (curve) => (curve.overlap === undefined ? '' : `overlap ${Math.round(curve.overlap * 100)} %`),
  reasons: (counts) => Object.entries(counts).map(([reason, count]) => `${reason} (${count} images)`).join('; '),

  render() {
    const cells = this.cells();
    const metric = currentMetric();
    const head = el(
      'tr',
      {},
      el('th', { scope: 'col' }, 'bits of … relative to →'),
      SERIES.map((series) => el('th', { scope: 'col' }, series.name)),
    );
    const rows = SERIES.map((test) =>
      el(
        'tr',
        {},
        el('th', { scope: 'row' }, swatch(test), test.name),
        SERIES.map((anchor) => this.cell(anchor, test, cells)),
      ),
    );
    this.table.replaceChildren(
      el('caption', {}, `BD-rate by ${metric.title}`),
      el('thead', {}, head),
      el('tbody', {}, rows),
    );
    const scale = metric.decibels ? `, ${metric.title} as −10 log10(1 − x)` : '';
    const methods = new Set([...cells.values()].map((cell) => cell.curve.method).filter(Boolean));
    this.about.textContent =
      `Interpolation over log10 of the rate: ${[...methods].join(', ') || 'none'}${scale}. ` +
      (state.get('aggregate') === 'images'
        ? 'Mean over images of each image’s own BD-rate, its 95 % bootstrap interval, and on how many images there is one.'
        : 'BD-rate of the curves averaged over the images that both have; it has no interval.');
  },

  cell(anchor, test, cells) {
    if (anchor === test) return el('td', { class: 'diagonal' }, el('span', { class: 'visually-hidden' }, 'itself'));
    const cell = cells.get(`${anchor.name}\n${test.name}`);
    const shown = this.shown(cell);
    const warned = cell.curve.warnings && cell.curve.warnings.length > 0;
    const content =
      shown.value === null
        ? [el('span', { class: 'none' }, '–')]
        : [
            el('span', { class: 'value' }, format.percent(shown.value), warned ? el('sup', { title: 'see the details' }, '†') : null),
            el('span', { class: 'interval' }, shown.small || ''),
          ];
    const sure = shown.low === undefined || shown.low > 0 || shown.high < 0;
    const sign = shown.value === null || !sure ? '' : shown.value < 0 ? 'fewer' : 'more';
    const node = el(
      'td',
      { tabindex: '0', class: sign, 'data-anchor': anchor.name, 'data-test': test.name, style: this.tint(shown.value, sure) },
      content,
    );
    return withTip(node, () => this.details(anchor, test, cell, shown));
  },

  /** How strong the cell is coloured: full at half or double the bits. */
  tint(value, sure) {
    if (value === null || !sure) return null;
    const strength = Math.min(1, Math.abs(Math.log2(Math.max(1 + value / 100, 0.01))));
    return `--strength: ${(strength * 100).toFixed(0)}%`;
  },

  details(anchor, test, cell, shown) {
    const lines = [`${test.name} against ${anchor.name}`];
    if (shown.value === null) lines.push(`No value: ${shown.reason}.`);
    const { curve, images, quality } = cell;
    if (curve.value !== null) {
      lines.push(`Averaged curves: ${format.percent(curve.value)} (${curve.method}), ${this.overlap(curve)}`);
      const others = Object.entries(curve.by_method || {}).filter(([name]) => name !== curve.method);
      const texts = others.map(([name, value]) => `${name} ${format.percent(value)}`);
      if (texts.length) lines.push(`Other interpolations: ${texts.join(', ')}`);
      if (curve.interval) {
        lines.push(`Over the qualities ${curve.interval.map((bound) => Number(bound.toPrecision(4))).join(' to ')}`);
      }
    } else if (shown.value !== null) {
      lines.push(`Averaged curves: no value, ${curve.reason}`);
    }
    if (images && images.value !== null) {
      lines.push(
        `Per image: ${format.percent(images.value)} on ${images.n} images; fewer bits on ${images.wins}, ` +
          `more on ${images.losses}; p ${format.p(images.p)}, after Holm ${format.p(images.p_adjusted)}`,
      );
      const leftOut = this.reasons(images.left_out);
      if (leftOut) lines.push(`Left out: ${leftOut}`);
    }
    if (quality && quality.value !== null) {
      lines.push(`At equal rate: ${format.signed(quality.value, 3)} ${quality.unit}`);
    }
    return [...lines, ...(curve.warnings || []).map((text) => `† ${text}`)];
  },

  csv() {
    const header = [
      'metric', 'anchor', 'test', 'bd_rate_curve_pct', 'method', 'overlap', 'reason',
      'bd_rate_images_pct', 'low', 'high', 'images', 'p', 'p_holm',
    ];
    const rows = DATA.bd[state.get('metric')].map(({ anchor, test, curve, images }) => {
      const of = images || {};
      return [
        state.get('metric'), anchor, test, curve.value, curve.method, curve.overlap, curve.reason,
        of.value, of.low, of.high, of.n, of.p, of.p_adjusted,
      ];
    });
    return { name: `bd-rate-${state.get('metric')}`, header, rows };
  },
};
