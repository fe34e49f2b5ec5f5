/** Height of a row in pixels; `page.css` has it as well. */
const ROW_PIXELS = 28
/** Rows kept above and below those that are seen. */
const MARGIN = 6

/**
 * A grid that has elements only for the rows that are seen, however long it is. The grid itself keeps
 * the focus and names its active row, since the element of a row goes when it is scrolled away.
 */
export class Rows {
  /**
   * @param {HTMLElement} grid
   * @param {object} how
   * @param {string} how.name
   * @param {[name: string, title: string][]} how.columns The class and the heading of each.
   * @param {(item: any) => number} how.keyOf
   * @param {(row: HTMLElement, cells: HTMLElement[], item: any) => void} how.show
   * @param {(item: any) => void} how.open
   */
  constructor(grid, { name, columns, keyOf, show, open }) {
    this.grid = grid
    this.columns = columns
    this.keyOf = keyOf
    this.show = show
    this.open = open
    this.items = []
    this.rows = []
    this.active = undefined
    this.body = createElement('div', { role: 'rowgroup', class: 'body' })
    grid.append(this.createHead(), this.body)
    grid.setAttribute('role', 'grid')
    grid.tabIndex = 0
    grid.setAttribute('aria-label', name)
    grid.setAttribute('aria-colcount', String(columns.length))
    grid.addEventListener('scroll', () => this.draw(), { passive: true })
    grid.addEventListener('keydown', (event) => this.onKey(event))
    grid.addEventListener('focus', () => this.draw())
    grid.addEventListener('click', ({ target }) => this.onClick(target))
    new ResizeObserver(() => this.draw()).observe(grid)
  }

  /** @param {any[]} items @param {{ sticksToEnd?: boolean }} [options] */
  set(items, { sticksToEnd = false } = {}) {
    const { grid } = this
    const isAtEnd = grid.scrollHeight - grid.scrollTop - grid.clientHeight < 2 * ROW_PIXELS
    this.items = items
    this.body.style.height = `${items.length * ROW_PIXELS}px`
    grid.setAttribute('aria-rowcount', String(items.length + 1))
    // A reader that has chosen a row stays at it.
    const isReading = document.activeElement === grid && this.place() >= 0
    if (sticksToEnd && isAtEnd && !isReading) grid.scrollTop = items.length * ROW_PIXELS
    this.draw()
  }

  draw() {
    const { grid, items, rows } = this
    const first = Math.max(0, Math.floor(grid.scrollTop / ROW_PIXELS) - MARGIN)
    const most = Math.ceil(grid.clientHeight / ROW_PIXELS) + 2 * MARGIN
    const shown = Math.min(most, Math.max(0, items.length - first))
    while (rows.length < shown) rows.push(this.createRow())
    while (rows.length > shown) rows.pop().element.remove()
    let activeId = ''
    rows.forEach(({ element, cells }, place) => {
      const item = items[first + place]
      element.style.top = `${(first + place) * ROW_PIXELS}px`
      // The row of headings is the first.
      element.setAttribute('aria-rowindex', String(first + place + 2))
      this.show(element, cells, item)
      const isActive = this.keyOf(item) === this.active
      element.classList.toggle('active', isActive)
      if (isActive) activeId = element.id
    })
    if (activeId) grid.setAttribute('aria-activedescendant', activeId)
    else grid.removeAttribute('aria-activedescendant')
  }

  /** The place of the active row; -1 if there is none. */
  place() {
    return this.items.findIndex((item) => this.keyOf(item) === this.active)
  }

  onKey(event) {
    const { items, grid } = this
    if (items.length === 0 || event.altKey || event.ctrlKey || event.metaKey) return
    const place = this.place()
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      if (place >= 0) this.open(items[place])
      return
    }
    const page = Math.max(1, Math.floor(grid.clientHeight / ROW_PIXELS) - 2)
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }
    const ends = { Home: 0, End: items.length - 1 }
    let next
    if (event.key in ends) next = ends[event.key]
    else if (!(event.key in steps)) return
    else next = place < 0 ? this.firstSeen() : place + steps[event.key]
    event.preventDefault()
    this.activate(Math.max(0, Math.min(items.length - 1, next)))
  }

  /** The place of the first row that can be seen. */
  firstSeen() {
    return Math.ceil(this.grid.scrollTop / ROW_PIXELS)
  }

  activate(place) {
    const { grid, items } = this
    this.active = this.keyOf(items[place])
    const top = place * ROW_PIXELS
    // The headings stay at the top, and hide one row.
    const room = grid.clientHeight - 2 * ROW_PIXELS
    if (top < grid.scrollTop) grid.scrollTop = top
    else if (top > grid.scrollTop + room) grid.scrollTop = top - room
    this.draw()
  }

  onClick(target) {
    const element = target.closest('.body > .row')
    const place = this.rows.findIndex((row) => row.element === element)
    if (place < 0) return
    const at = Number(element.getAttribute('aria-rowindex')) - 2
    this.active = this.keyOf(this.items[at])
    this.open(this.items[at])
    this.draw()
  }

  createHead() {
    const group = createElement('div', { role: 'rowgroup', class: 'head' })
    const row = createElement('div', { role: 'row', class: 'row', 'aria-rowindex': '1' })
    for (const [name, title] of this.columns) {
      const cell = createElement('span', { role: 'columnheader', class: name })
      cell.textContent = title
      row.append(cell)
    }
    group.append(row)
    return group
  }

  createRow() {
    const id = `${this.grid.id}-row-${this.rows.length}`
    const element = createElement('div', { role: 'row', id })
    const cells = this.columns.map(([name]) => {
      const cell = createElement('span', { role: 'gridcell', class: name })
      element.append(cell)
      return cell
    })
    this.body.append(element)
    return { element, cells }
  }
}

function createElement(tag, attributes) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  return element
}

/** Writes only what has changed, so that nothing is laid out for nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}
