// The pictures of one image at equal rate: slider, flicker, side by side, difference.

const SOURCE = 'Source';

/** Row numbers of `DATA.rows[rate]` by image and series. */
const rowIndex = DATA.rows.map(
  (table) => new Map(table.image.map((image, row) => [`${image}\n${table.variant[row]}`, row])),
);

const picturesView = {
  init(panel) {
    this.images = Object.keys(DATA.gallery);
    if (!this.images.length) {
      panel.append(
        note(
          'This report has no pictures: the runs were imported without any, share no rate, or their images were not ' +
            'found (the overview then says so).',
        ),
      );
      return;
    }
    this.area = el('div', { class: 'viewer' });
    this.about = note();
    this.sides = el('div', { class: 'sides' });
    this.zoomText = el('output', { 'aria-label': 'Zoom' });
    this.gainField = selectField('Gain', 'gain', CHOICES.gain.map((gain) => [gain, `× ${gain}`]));
    this.play = el('button', { type: 'button', class: 'chip', onclick: () => this.togglePlay() }, 'Play');
    this.shown = el('div', { class: 'chips', role: 'group', 'aria-label': 'Picture shown' });
    this.shows = el('div', { class: 'field' }, el('span', { 'aria-hidden': 'true' }, 'Shown'), this.shown);
    panel.append(
      toolbar(this.imageField(), rateField(), this.modeField()),
      toolbar(this.chips(), this.sides, this.shows, this.gainField, this.zoomField()),
      this.area,
      this.about,
    );
    document.addEventListener('keydown', (event) => this.key(event));
    window.addEventListener('resize', () => this.layout());
  },

  imageField() {
    const select = el('select', { 'data-key': 'image', onchange: () => state.set({ image: select.value }) });
    const option = (name) => {
      const { cases } = DATA.gallery[name];
      return el('option', { value: name }, cases.length ? `${name} (${cases.join(', ')})` : name);
    };
    const [cases, others] = [true, false].map((is) => this.images.filter((name) => DATA.gallery[name].cases.length > 0 === is));
    if (cases.length) select.append(el('optgroup', { label: 'Chosen to show the spread' }, cases.map(option)));
    if (others.length) select.append(el('optgroup', { label: 'Others' }, others.map(option)));
    bound.push(() => {
      select.value = this.image();
    });
    const step = (by, text, name) =>
      el('button', { type: 'button', 'aria-label': name, onclick: () => this.step(by) }, text);
    const field = el('div', { class: 'joined' }, step(-1, '‹', 'Previous image'), select, step(1, '›', 'Next image'));
    return el('div', { class: 'field wide' }, el('span', {}, 'Image'), field);
  },

  modeField() {
    const field = segmentedField('Show as', 'mode', [
      ['slider', 'Slider'],
      ['flicker', 'Flicker'],
      ['side', 'Side by side'],
      ['difference', 'Difference'],
    ]);
    // After a click the keys should work on the picture; a keyboard user stays where they are.
    field.addEventListener('click', (event) => event.detail && this.stages[0].node.focus({ preventScroll: true }));
    return field;
  },

  zoomField() {
    const step = (by) => this.stages[0].step(by);
    const group = el(
      'div',
      { class: 'joined' },
      el('button', { type: 'button', 'aria-label': 'Zoom out', onclick: () => step(-1) }, '−'),
      this.zoomText,
      el('button', { type: 'button', 'aria-label': 'Zoom in', onclick: () => step(1) }, '+'),
      el('button', { type: 'button', onclick: () => this.stages[0].zoomTo(1) }, '1:1'),
      el('button', { type: 'button', onclick: () => this.stages[0].zoomTo('fit') }, 'Fit'),
    );
    return el('div', { class: 'field' }, el('span', {}, 'Zoom'), group);
  },

  chips() {
    const buttons = OWN.map((series) =>
      el(
        'button',
        { type: 'button', class: 'chip', 'data-series': series.name, onclick: () => this.toggleCodec(series.name) },
        swatch(series),
        series.name,
      ),
    );
    bound.push(() => {
      const chosen = this.codecs();
      for (const button of buttons) {
        button.setAttribute('aria-pressed', String(chosen.includes(button.dataset.series)));
        button.disabled = !this.available().includes(button.dataset.series);
      }
    });
    const group = el('div', { class: 'chips', role: 'group', 'aria-label': 'Codecs compared, two to four' }, buttons);
    return el('div', { class: 'field' }, el('span', { 'aria-hidden': 'true' }, 'Compare, two to four'), group);
  },

  // What is chosen

  image() {
    return this.images.includes(state.get('image')) ? state.get('image') : this.images[0];
  },

  pictures() {
    return DATA.gallery[this.image()].rates[currentRate()] || {};
  },

  available() {
    const pictures = this.pictures();
    return OWN.map((series) => series.name).filter((name) => name in pictures);
  },

  codecs() {
    const available = this.available();
    const chosen = state.get('codecs').filter((name) => available.includes(name)).slice(0, 4);
    return chosen.length ? chosen : available.slice(0, 3);
  },

  toggleCodec(name) {
    const chosen = this.codecs();
    const next = chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name];
    const least = Math.min(2, this.available().length);
    if (next.length < least) announce('At least two codecs are compared.');
    else if (next.length > 4) announce('At most four codecs are compared.');
    else state.set({ codecs: next });
  },

  side(key) {
    const names = [...this.codecs(), SOURCE];
    const fallback = key === 'left' ? names[0] : names[1];
    return names.includes(state.get(key)) ? state.get(key) : fallback;
  },

  shownInFlicker() {
    const names = [...this.codecs(), SOURCE];
    return names.includes(state.get('show')) ? state.get('show') : names[0];
  },

  id(name) {
    return name === SOURCE ? DATA.gallery[this.image()].source : this.pictures()[name];
  },

  size() {
    return DATA.images.find((image) => image.name === this.image());
  },

  // Drawing

  render() {
    if (!this.area) return;
    const mode = state.get('mode');
    const key = JSON.stringify([this.image(), state.get('rate'), mode, this.codecs(), this.side('left'), this.side('right')]);
    if (key !== this.built) {
      this.built = key;
      this.stopPlaying();
      this.stages = [];
      this.sides.hidden = mode !== 'slider';
      this.shows.hidden = mode !== 'flicker';
      this.gainField.hidden = mode !== 'difference';
      const draw = { slider: this.drawSlider, flicker: this.drawFlicker, side: this.drawSides, difference: this.drawDifferences };
      this.area.replaceChildren(...draw[mode].call(this));
      this.area.dataset.mode = mode;
      this.about.textContent = this.help();
    }
    this.layout();
  },

  layout() {
    if (!this.stages || !this.area.isConnected || this.area.closest('[hidden]')) return;
    for (const stage of this.stages) stage.layout();
    if (!this.stages.length) return;
    const { zoom } = this.stages[0].view();
    this.zoomText.textContent = `${Number(zoom.toFixed(2))}×`;
    this.area.style.setProperty('--split', `${state.get('split')}%`);
    this.area.style.setProperty('--gain', state.get('gain'));
    const slider = this.area.querySelector('input[type=range]');
    if (slider) slider.value = state.get('split');
    this.showFlicker();
  },

  /** A stage; one that stands alone is as wide as its picture, with the captions beside it if they fit. */
  stage(alt, alone = false) {
    const stage = new Stage(this.size(), alt);
    const captions = 20 * 16; // 18rem and the gap of 2rem, as in the style sheet
    if (alone) {
      stage.alone = () => {
        const room = this.area.clientWidth;
        return room > 2 * captions ? room - captions : room;
      };
    }
    this.stages.push(stage);
    return stage;
  },

  drawSlider() {
    const [left, right] = [this.side('left'), this.side('right')];
    const stage = this.stage(`${this.alt(left)}, on the left; ${this.alt(right)}, on the right`, true);
    stage.add([this.id(right)]);
    stage.add([this.id(left)], 'left-of-split');
    const range = el('input', {
      type: 'range',
      min: '0',
      max: '100',
      step: '0.5',
      'aria-label': `Divider: ${left} left, ${right} right`,
      oninput: () => state.set({ split: range.value }),
    });
    const frame = el('div', { class: 'split' }, stage.node, el('div', { class: 'divider', 'aria-hidden': 'true' }), range);
    const select = (key, text) => {
      const choose = () => state.set({ [key]: field.value });
      const names = [...this.codecs(), SOURCE];
      const field = el('select', { 'data-side': key, onchange: choose }, names.map((name) => el('option', { value: name }, name)));
      field.value = this.side(key);
      return labelled(text, field);
    };
    this.sides.replaceChildren(select('left', 'Left'), select('right', 'Right'));
    return [frame, el('div', { class: 'captions' }, this.caption(left), this.caption(right))];
  },

  drawFlicker() {
    const names = [...this.codecs(), SOURCE];
    const stage = this.stage('', true);
    this.layers = names.map((name) => [name, stage.add([this.id(name)])]);
    this.captions = new Map(names.map((name) => [name, this.caption(name)]));
    const buttons = names.map((name, index) =>
      el(
        'button',
        {
          type: 'button',
          class: 'chip',
          'data-show': name,
          onclick: (event) => {
            state.set({ show: name });
            if (event.detail) stage.node.focus({ preventScroll: true });
          },
        },
        el('kbd', {}, name === SOURCE ? '0' : String(index + 1)),
        name,
      ),
    );
    this.shown.replaceChildren(...buttons, this.play);
    this.flickerCaption = el('div', { class: 'captions' });
    return [stage.node, this.flickerCaption];
  },

  showFlicker() {
    if (state.get('mode') !== 'flicker' || !this.layers) return;
    const shown = this.shownInFlicker();
    for (const [name, layer] of this.layers) layer.classList.toggle('off', name !== shown);
    for (const button of this.shows.querySelectorAll('[data-show]')) {
      button.setAttribute('aria-pressed', String(button.dataset.show === shown));
    }
    this.stages[0].node.setAttribute('aria-label', this.alt(shown));
    this.flickerCaption.replaceChildren(this.captions.get(shown));
  },

  drawSides() {
    return [SOURCE, ...this.codecs()].map((name) => {
      const stage = this.stage(this.alt(name));
      stage.add([this.id(name)]);
      return el('figure', {}, stage.node, this.caption(name));
    });
  },

  drawDifferences() {
    return this.codecs().map((name) => {
      const stage = this.stage(`Difference of ${name} from the source, enlarged ${state.get('gain')} times`);
      stage.add([this.id(SOURCE), this.id(name)], 'difference');
      return el('figure', {}, stage.node, this.caption(name, true));
    });
  },

  /** What is under a picture: the name, its rates and its scores; the best of those compared is bold. */
  caption(name, difference = false) {
    if (name === SOURCE) {
      const { width, height } = this.size();
      return el('figcaption', {}, el('p', { class: 'name' }, SOURCE), el('p', { class: 'small' }, `${width} × ${height} pixels, 24 bpp uncompressed`));
    }
    const table = DATA.rows[currentRate()];
    const row = rowIndex[currentRate()].get(`${this.image()}\n${name}`);
    const target = DATA.rates[currentRate()];
    const bpp = table.bpp[row];
    const items = [
      ['bpp', format.bpp(bpp), false],
      ['bits/pixel/ch.', format.bpp(table.bpc[row]), false],
      ...DATA.metrics.map((metric) => [metric.title, this.score(metric, table, row), this.isBest(metric, table, row)]),
    ];
    const off = `${format.signed((100 * bpp) / target - 100, 1)} % from ${format.rate(target)}`;
    const quality = table.quality[row] === null ? '' : `setting ${table.quality[row]}, `;
    const missed = table.reached[row] === true ? '' : `; ${table.reason[row] || 'not reached'}`;
    return el(
      'figcaption',
      {},
      el('p', { class: 'name' }, swatch(byName.get(name)), difference ? `|${name} − source| × ` : name, difference ? el('span', { class: 'gain' }) : null),
      el('dl', { class: 'scores' }, items.map(([key, value, best]) => el('div', {}, el('dt', {}, key), el('dd', { class: best ? 'best' : null }, value)))),
      el('p', { class: `small${missed ? ' missed' : ''}` }, `${quality}${off}${missed}`),
    );
  },

  score(metric, table, row) {
    const value = table[metric.name][row];
    if (value === null && table.lossless[row]) return 'lossless';
    return value === null ? '–' : `${format.metric(value, metric)}${metric.unit === 'dB' ? ' dB' : ''}`;
  },

  isBest(metric, table, row) {
    const index = rowIndex[currentRate()];
    const values = this.codecs().map((name) => table[metric.name][index.get(`${this.image()}\n${name}`)]);
    return table[metric.name][row] !== null && table[metric.name][row] === bestOf(metric, values);
  },

  alt(name) {
    if (name === SOURCE) return `Source picture ${this.image()}`;
    const table = DATA.rows[currentRate()];
    const row = rowIndex[currentRate()].get(`${this.image()}\n${name}`);
    return `${this.image()} compressed by ${name} to ${format.bpp(table.bpp[row])} bpp`;
  },

  help() {
    const cases = DATA.gallery[this.image()].cases;
    const why = cases.length ? `${this.image()}: ${cases.join(', ')}. ` : '';
    const keys = {
      slider: 'Drag the divider or use the arrow keys on it.',
      flicker: 'Space shows the next picture, 1 to 4 a codec, 0 the source.',
      side: 'All pictures zoom and pan together.',
      difference: 'Absolute difference of the 8-bit samples from the source, times the gain; black is equal.',
    }[state.get('mode')];
    return `${why}${keys} Drag to pan; double-click, Ctrl and the wheel, or + and − zoom; [ and ] change the image. Pixels are enlarged without smoothing.`;
  },

  // Keys and playing

  step(by) {
    const index = this.images.indexOf(this.image());
    const image = this.images[(index + by + this.images.length) % this.images.length];
    state.set({ image });
    announce(`Image ${image}`);
  },

  next() {
    const names = [...this.codecs(), SOURCE];
    state.set({ show: names[(names.indexOf(this.shownInFlicker()) + 1) % names.length] });
  },

  togglePlay() {
    if (this.timer) return this.stopPlaying();
    this.timer = setInterval(() => this.next(), 700);
    this.play.textContent = 'Pause';
    return undefined;
  },

  stopPlaying() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = 'Play';
  },

  key(event) {
    const busy = event.target.closest('input, select, textarea, button, summary, a');
    if (state.get('tab') !== 'pictures' || event.ctrlKey || event.altKey || event.metaKey) return;
    if (busy && (event.key === ' ' || event.target.matches('input, select, textarea'))) return;
    const action = this.actions()[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  },

  actions() {
    const actions = {
      '[': () => this.step(-1),
      ']': () => this.step(1),
      '+': () => this.stages[0].step(1),
      '=': () => this.stages[0].step(1),
      '-': () => this.stages[0].step(-1),
    };
    if (state.get('mode') !== 'flicker') return actions;
    this.codecs().forEach((name, index) => {
      actions[String(index + 1)] = () => state.set({ show: name });
    });
    return { ...actions, ' ': () => this.next(), 0: () => state.set({ show: SOURCE }) };
  },
};
