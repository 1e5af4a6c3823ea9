// Stages: boxes that show pictures pixel by pixel. All stages share one view (zoom and centre, kept in the
// state), so that panning or zooming one moves them all.

const ZOOMS = [0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32];
const TALLEST = 0.74; // of the window's height

const pictureUrls = new Map();

/** The address of a picture: data inside the page, or a file beside it. */
function pictureUrl(id) {
  if (!pictureUrls.has(id)) {
    const url = DATA.assets
      ? `${DATA.assets}/${id}.webp`
      : `data:image/webp;base64,${$(`picture-${id}`).textContent.trim()}`;
    pictureUrls.set(id, url);
  }
  return pictureUrls.get(id);
}

const deviceScale = () => window.devicePixelRatio || 1;

/** The largest zoom at which the whole picture is seen; whole device pixels per pixel where it is enlarged. */
function fittingZoom(width, height, room, tallest) {
  const zoom = Math.min(room / width, tallest / height);
  const device = zoom * deviceScale();
  return device >= 1 ? Math.floor(device) / deviceScale() : zoom;
}

class Stage {
  /** @param {{width: number, height: number}} size of the pictures, in pixels */
  constructor(size, alt) {
    this.size = size;
    this.pointers = new Map();
    this.node = el('div', {
      class: 'stage',
      tabindex: '0',
      role: 'img',
      'aria-label': alt,
      onpointerdown: (event) => this.press(event),
      onpointermove: (event) => this.move(event),
      onpointerup: (event) => this.release(event),
      onpointercancel: (event) => this.release(event),
      ondblclick: (event) => this.toggleZoom(event),
      onkeydown: (event) => this.key(event),
    });
    this.node.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
  }

  /** Add a layer with one or several pictures, on top of what is there. */
  add(ids, className = '') {
    const pictures = ids.map((id) => el('img', { src: pictureUrl(id), alt: '', draggable: 'false', 'data-picture': id }));
    const layer = el('div', { class: `layer ${className}` }, pictures);
    this.node.append(layer);
    return layer;
  }

  /** The view in numbers: zoom (CSS pixels per picture pixel), and the box's size. */
  view() {
    const parent = this.node.parentElement;
    const room = this.alone ? this.alone() : parent.clientWidth;
    const fitting = fittingZoom(this.size.width, this.size.height, room, window.innerHeight * TALLEST);
    const zoom = state.get('zoom') === 'fit' ? fitting : Number(state.get('zoom'));
    const tall = Math.max(160, Math.round(this.size.height * fitting));
    return { zoom, fitting, tall, room: this.alone ? Math.min(room, Math.max(240, Math.round(this.size.width * fitting))) : room };
  }

  /** Place the pictures for the current view, on whole device pixels. */
  layout() {
    const { zoom, room, tall } = this.view();
    if (!room) return;
    this.node.style.width = `${room}px`;
    this.node.style.height = `${tall}px`;
    const width = this.size.width * zoom;
    const height = this.size.height * zoom;
    const snap = (value) => Math.round(value * deviceScale()) / deviceScale();
    const left = snap(this.place(width, room, Number(state.get('x'))));
    const top = snap(this.place(height, tall, Number(state.get('y'))));
    for (const picture of this.node.querySelectorAll('img')) {
      picture.style.cssText = `width:${width}px;height:${height}px;left:${left}px;top:${top}px`;
      picture.style.imageRendering = zoom * deviceScale() >= 1 ? 'pixelated' : 'auto';
    }
    this.box = { left, top, width, height };
  }

  /** Where a picture of some length starts: centred when it fits, else so that it fills the room. */
  place(length, room, centre) {
    if (length <= room) return (room - length) / 2;
    return clamp(room / 2 - centre * length, room - length, 0);
  }

  /** Change the zoom and keep the point of the picture under (x, y) where it is. */
  zoomTo(zoom, x = this.node.clientWidth / 2, y = this.node.clientHeight / 2) {
    if (zoom === 'fit') return state.set({ zoom, x: '0.5', y: '0.5' });
    const { left, top, width, height } = this.box;
    const u = (x - left) / width;
    const v = (y - top) / height;
    const room = this.node.clientWidth;
    const tall = this.node.clientHeight;
    const centre = (point, at, length, pixels) => clamp(point - (at - length / 2) / (pixels * zoom), 0, 1);
    return state.set({
      zoom: String(zoom),
      x: centre(u, x, room, this.size.width).toFixed(4),
      y: centre(v, y, tall, this.size.height).toFixed(4),
    });
  }

  /** The next zoom in a direction. */
  step(direction, x, y) {
    const { zoom } = this.view();
    const next = direction > 0 ? ZOOMS.find((level) => level > zoom * 1.001) : ZOOMS.findLast((level) => level < zoom * 0.999);
    if (next) this.zoomTo(next, x, y);
  }

  pan(dx, dy) {
    const { width, height } = this.box;
    const { room, tall } = this.view();
    const limit = (centre, length, size) =>
      length <= size ? 0.5 : clamp(centre, size / 2 / length, 1 - size / 2 / length);
    state.set({
      x: limit(Number(state.get('x')) - dx / width, width, room).toFixed(4),
      y: limit(Number(state.get('y')) - dy / height, height, tall).toFixed(4),
    });
  }

  at(event) {
    const box = this.node.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  press(event) {
    this.pointers.set(event.pointerId, this.at(event));
    this.node.setPointerCapture(event.pointerId);
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = this.at(event);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId);
    this.pointers.set(event.pointerId, now);
    if (other) {
      const distance = ([x, y]) => Math.hypot(x - other[1][0], y - other[1][1]);
      const ratio = distance(now) / Math.max(1, distance(before));
      this.zoomTo(clamp(this.view().zoom * ratio, 0.25, 32), (now[0] + other[1][0]) / 2, (now[1] + other[1][1]) / 2);
    } else {
      this.pan(now[0] - before[0], now[1] - before[1]);
    }
  }

  release(event) {
    this.pointers.delete(event.pointerId);
  }

  /** The wheel scrolls the page unless the stage has the focus or Ctrl is held. */
  wheel(event) {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== this.node) return;
    event.preventDefault();
    this.step(event.deltaY < 0 ? 1 : -1, ...this.at(event));
  }

  toggleZoom(event) {
    if (state.get('zoom') === 'fit') this.zoomTo(Math.max(4, this.view().fitting * 2), ...this.at(event));
    else this.zoomTo('fit');
  }

  key(event) {
    const arrows = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] };
    if (!arrows[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.pan(...arrows[event.key]);
  }
}
