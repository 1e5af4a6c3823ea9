// The table of images: every codec's value at one rate, sortable, filterable; a row opens the pictures.

const imagesView = {
  init(panel) {
    this.table = el('table', { class: 'numbers sortable', id: 'table-images' });
    this.count = note();
    if (!DATA.rates.length) {
      panel.append(note('These codecs share no rate, so there is nothing to compare image by image.'));
      return;
    }
    const find = el('input', {
      type: 'search',
      'data-key': 'find',
      placeholder: 'part of the name',
      oninput: () => state.set({ find: find.value }),
    });
    bound.push(() => {
      if (find.value !== state.get('find')) find.value = state.get('find');
    });
    const winners = [['', 'any'], ...OWN.map((series) => [series.name, series.name])];
    panel.append(
      toolbar(metricField(), rateField(), labelled('Find', find), selectField('Best is', 'winner', winners), el('div', { class: 'checks' }, checkField('With pictures only', 'withPictures'))),
      scrolling('Image by image', this.table),
      el('div', { class: 'figure-line' }, this.count, csvButton(() => this.csv())),
    );
  },

  /** One object per image, with the value of every codec. */
  rows() {
    const metric = currentMetric();
    const table = DATA.rows[currentRate()];
    const index = rowIndex[currentRate()];
    return DATA.images.map((image) => {
      const cells = OWN.map((series) => {
        const row = index.get(`${image.name}\n${series.name}`);
        if (row === undefined) return { series, value: null, bpp: null, reason: 'not measured' };
        const value = table[`v:${metric.name}`][row];
        return { series, value, bpp: table.bpp[row], reason: table.reason[row] || (table.lossless[row] ? 'lossless' : 'no value') };
      });
      const best = bestOf(metric, cells.map((cell) => cell.value));
      const winner = best === null ? null : cells.find((cell) => cell.value === best).series.name;
      const known = cells.map((cell) => cell.value).filter((value) => value !== null);
      const spread = known.length > 1 ? Math.max(...known) - Math.min(...known) : null;
      return { image, cells, best, winner, spread, pictures: image.name in DATA.gallery };
    });
  },

  filtered() {
    const find = state.get('find').toLowerCase();
    const rows = this.rows().filter(
      (row) =>
        row.image.name.toLowerCase().includes(find) &&
        (!state.get('winner') || row.winner === state.get('winner')) &&
        (state.get('withPictures') !== '1' || row.pictures),
    );
    const descending = state.get('sort').startsWith('-');
    const key = state.get('sort').replace(/^-/, '');
    const of = this.sortValue(key);
    return of ? rows.sort((one, other) => this.compare(of(one), of(other), descending)) : rows;
  },

  sortValue(key) {
    if (key === 'image') return (row) => row.image.name;
    if (key === 'winner') return (row) => row.winner;
    if (key === 'spread') return (row) => row.spread;
    const position = OWN.findIndex((series) => `codec ${series.name}` === key);
    return position < 0 ? null : (row) => row.cells[position].value;
  },

  /** Absent values come last, whichever way. */
  compare(one, other, descending) {
    if (one === null || other === null) return (one === null) - (other === null);
    const order = typeof one === 'string' ? one.localeCompare(other, 'en', { numeric: true }) : one - other;
    return descending ? -order : order;
  },

  render() {
    if (!DATA.rates.length || !currentMetric()) return;
    const metric = currentMetric();
    const rows = this.filtered();
    const head = [
      this.header('Image', 'image'),
      ...OWN.map((series) => this.header(series.name, `codec ${series.name}`, swatch(series))),
      this.header('Best', 'winner', null, 'text'),
      this.header('Spread', 'spread'),
    ];
    this.table.replaceChildren(
      el('caption', {}, `${metricLabel(metric)} (${metric.higher ? 'higher' : 'lower'} is better) at ${format.rate(DATA.rates[currentRate()])}; small: bpp of the nearest rate point`),
      el('thead', {}, el('tr', {}, head)),
      el('tbody', {}, rows.map((row) => this.row(row, metric))),
    );
    const interpolated = DATA.rows[currentRate()].interpolated.some(Boolean);
    this.count.textContent =
      `${rows.length} of ${DATA.images.length} images. ` +
      (interpolated ? 'Values are interpolated at exactly this rate along each image’s own curve. ' : 'Values are of the rate points that the search chose. ') +
      'A name that is a link opens the pictures.';
  },

  header(text, key, mark = null, kind = null) {
    const current = state.get('sort').replace(/^-/, '') === key;
    const descending = state.get('sort').startsWith('-');
    const turn = () => state.set({ sort: current && !descending ? `-${key}` : key });
    const arrow = current ? (descending ? ' ↓' : ' ↑') : '';
    return el(
      'th',
      { scope: 'col', class: kind, 'aria-sort': current ? (descending ? 'descending' : 'ascending') : 'none' },
      el('button', { type: 'button', class: 'sort', 'data-sort': key, onclick: turn }, mark, `${text}${arrow}`),
    );
  },

  row(row, metric) {
    const { name } = row.image;
    const open = () => state.set({ tab: 'pictures', image: name }, true);
    const label = row.pictures ? el('button', { type: 'button', class: 'link', 'data-open': name, onclick: open }, name) : name;
    const cells = row.cells.map((cell) =>
      cell.value === null
        ? el('td', { class: 'missing', title: cell.reason }, '–')
        : el(
            'td',
            { class: cell.value === row.best ? 'best' : null },
            format.metric(cell.value, metric),
            el('span', { class: 'interval' }, `${format.bpp(cell.bpp)} bpp`),
          ),
    );
    const opens = row.pictures ? { class: 'opens', onclick: (event) => event.target.closest('button') || open() } : {};
    return el(
      'tr',
      { ...opens, 'data-image': name },
      el('th', { scope: 'row' }, label),
      cells,
      el('td', { class: 'text' }, row.winner || '–'),
      el('td', {}, row.spread === null ? '–' : format.metric(row.spread, metric)),
    );
  },

  csv() {
    const metric = state.get('metric');
    const header = ['image', 'target_bpp', 'codec', metric, 'bpp', 'reason'];
    const target = DATA.rates[currentRate()];
    const rows = this.filtered().flatMap((row) =>
      row.cells.map((cell) => [row.image.name, target, cell.series.name, cell.value, cell.bpp, cell.value === null ? cell.reason : '']),
    );
    return { name: `images-${metric}`, header, rows };
  },
};
