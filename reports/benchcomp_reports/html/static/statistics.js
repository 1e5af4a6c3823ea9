// Win, tie and loss, mean differences and tests: every codec against one, at equal rate and at equal quality.

const statisticsView = {
  init(panel) {
    this.atRate = el('table', { class: 'numbers', id: 'table-statistics' });
    this.atQuality = el('table', { class: 'numbers', id: 'table-quality' });
    this.scale = note();
    const anchors = OWN.map((series) => [series.name, series.name]);
    panel.append(
      toolbar(metricField(), rateField(), selectField('Against', 'anchor', anchors)),
      el('h3', {}, 'At equal rate'),
      scrolling('Paired comparison at equal rate', this.atRate),
      el('div', { class: 'figure-line' }, this.scale, csvButton(() => this.csv())),
      el('h3', {}, 'At equal quality'),
      scrolling('Paired comparison at equal quality', this.atQuality),
      note('BD-rate of each image’s own curves; the test is on the log of the rate ratios.'),
    );
  },

  pairs() {
    const [metric, anchor] = [state.get('metric'), state.get('anchor')];
    const rate = DATA.rates[currentRate()];
    return DATA.pairs.filter((pair) => pair.metric === metric && pair.rate === rate && pair.anchor === anchor);
  },

  render() {
    const metric = currentMetric();
    if (!metric) return;
    const pairs = this.pairs();
    const ratio = pairs.some((pair) => pair.scale === 'ratio');
    this.fill(
      this.atRate,
      pairs.map((pair) => ({ ...pair, text: this.difference(pair, metric) })),
      ratio ? `${metric.title}, ratio − 1` : `${metricLabel(metric)}, difference`,
    );
    this.scale.textContent = pairs.length
      ? ratio
        ? 'Geometric mean of the per-image ratios of the codec to the anchor, minus 1.'
        : 'Mean of the per-image differences, codec minus anchor.'
      : 'No images on which two codecs reach this rate.';
    const matrix = DATA.bd[metric.name].filter((cell) => cell.anchor === state.get('anchor') && cell.images && cell.images.value !== null);
    this.fill(
      this.atQuality,
      matrix.map(({ test, images }) => ({ ...images, test, text: this.interval(images, (value) => format.percent(value)) })),
      'BD-rate, mean over images',
    );
  },

  difference(pair, metric) {
    const show = (value) => (pair.scale === 'ratio' ? format.percent(value * 100) : this.signedMetric(value, metric));
    return this.interval({ value: pair.mean, low: pair.low, high: pair.high }, show);
  },

  signedMetric: (value, metric) => (value > 0 ? `+${format.metric(value, metric)}` : format.metric(value, metric)),

  interval({ value, low, high }, show) {
    return low === null || low === undefined ? show(value) : `${show(value)} [${show(low)}, ${show(high)}]`;
  },

  fill(table, rows, what) {
    const head = ['Codec', 'Better, equal, worse', what, 'Images', 'p', 'p after Holm'];
    table.replaceChildren(
      el('thead', {}, el('tr', {}, head.map((text) => el('th', { scope: 'col' }, text)))),
      el(
        'tbody',
        {},
        rows.map((row) =>
          el(
            'tr',
            {},
            el('th', { scope: 'row' }, swatch(byName.get(row.test)), row.test),
            el('td', { class: 'bar-cell' }, this.bar(row)),
            el('td', {}, row.text),
            el('td', {}, String(row.n)),
            el('td', {}, format.p(row.p)),
            el('td', { class: row.p_adjusted !== null && row.p_adjusted < 0.05 ? 'best' : null }, format.p(row.p_adjusted)),
          ),
        ),
      ),
    );
  },

  /** Wins, ties and losses as a bar with its numbers. */
  bar({ wins, ties, losses }) {
    const part = (name, count) => (count ? el('span', { class: name, style: `flex-grow: ${count}` }, String(count)) : null);
    const text = `better on ${wins}, equal on ${ties}, worse on ${losses}`;
    return el('div', { class: 'bar', role: 'img', 'aria-label': text, title: text }, part('wins', wins), part('ties', ties), part('losses', losses));
  },

  csv() {
    const header = ['metric', 'target_bpp', 'anchor', 'test', 'scale', 'mean', 'low', 'high', 'n', 'wins', 'ties', 'losses', 'p', 'p_holm'];
    const rows = this.pairs().map((pair) => [
      pair.metric, pair.rate, pair.anchor, pair.test, pair.scale, pair.mean, pair.low, pair.high, pair.n,
      pair.wins, pair.ties, pair.losses, pair.p, pair.p_adjusted,
    ]);
    return { name: `statistics-${state.get('metric')}`, header, rows };
  },
};
