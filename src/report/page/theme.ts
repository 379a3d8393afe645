/** Light or dark: as the system says until the reader chooses. */

const KEY = 'podharden-theme'

export function startTheme(): void {
  const chosen = remembered()
  if (chosen !== undefined) document.documentElement.dataset.theme = chosen
}

export function toggleTheme(): void {
  const now = document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
  const next = now === 'dark' ? 'light' : 'dark'
  document.documentElement.dataset.theme = next
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // A browser may keep nothing for files; then the choice lasts as long as the page.
  }
}

function remembered(): 'dark' | 'light' | undefined {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'dark' || value === 'light' ? value : undefined
  } catch {
    return undefined
  }
}
