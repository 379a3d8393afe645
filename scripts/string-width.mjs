// Stands in for the `string-width` package in the bundle: our help is plain ASCII, and setting up the tables
// for emoji takes longer at every start than reading a manifest.
export default function stringWidth(text) {
  return text.replace(/\u001b\[[\d;]*m/g, '').length
}
