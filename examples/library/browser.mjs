/** The script of browser.html: hardens on every key. */
import { harden } from 'podharden'

const [before, after, report] = ['before', 'after', 'report'].map((id) => document.getElementById(id))

before.addEventListener('input', () => {
  const { text, findings, problems } = harden(before.value, { atLeast: 'assumed' })
  after.value = text
  // textContent: what stands in a manifest never becomes part of the page.
  report.textContent = [
    ...problems.map(({ line, message, hint }) => `line ${line ?? 1}: ${message}. ${hint}`),
    ...findings.map(({ outcome, line, message }) => `line ${line}, ${outcome}: ${message}`),
  ].join('\n')
})
