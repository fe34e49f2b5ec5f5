import './swatch.css'
import './counter.mjs'
import './log.mjs'
import './ping.mjs'
import './status.mjs'
import './trials.mjs'
import { greeting } from './greeting.mjs'

const loads = Number(sessionStorage.getItem('loads') ?? 0) + 1
sessionStorage.setItem('loads', loads)

document.querySelector('#greeting').textContent = greeting
document.querySelector('#loads').textContent =
  `${loads === 1 ? 'loaded once' : `loaded ${loads} times`} in this tab`
