const ROW_PIXELS = 26
/** Rows kept above and below those that are seen. */
const MARGIN = 6

/** A list that has elements only for the rows that are seen, however long it is. */
export class Rows {
  /**
   * @param {HTMLElement} list
   * @param {object} how
   * @param {string[]} how.cells The class of each cell.
   * @param {(row: HTMLElement, cells: HTMLElement[], item: any) => void} how.show
   */
  constructor(list, { cells, show }) {
    this.list = list
    this.cells = cells
    this.show = show
    this.items = []
    this.rows = []
    this.filler = document.createElement('div')
    list.append(this.filler)
    list.addEventListener('scroll', () => this.draw(), { passive: true })
    new ResizeObserver(() => this.draw()).observe(list)
  }

  /** @param {any[]} items @param {{ sticksToEnd?: boolean }} [options] */
  set(items, { sticksToEnd = false } = {}) {
    const { list } = this
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 2 * ROW_PIXELS
    this.items = items
    this.filler.style.height = `${items.length * ROW_PIXELS}px`
    if (sticksToEnd && isAtEnd) list.scrollTop = items.length * ROW_PIXELS
    this.draw()
  }

  draw() {
    const { list, items, rows } = this
    const first = Math.max(0, Math.floor(list.scrollTop / ROW_PIXELS) - MARGIN)
    const most = Math.ceil(list.clientHeight / ROW_PIXELS) + 2 * MARGIN
    const shown = Math.min(most, Math.max(0, items.length - first))
    while (rows.length < shown) rows.push(this.createRow())
    while (rows.length > shown) rows.pop().element.remove()
    rows.forEach(({ element, cells }, place) => {
      element.style.top = `${(first + place) * ROW_PIXELS}px`
      this.show(element, cells, items[first + place])
    })
  }

  createRow() {
    const element = document.createElement('div')
    const cells = this.cells.map((name) => {
      const cell = document.createElement('span')
      cell.className = name
      element.append(cell)
      return cell
    })
    this.list.append(element)
    return { element, cells }
  }
}

/** Writes only what has changed, so that nothing is laid out for nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}
