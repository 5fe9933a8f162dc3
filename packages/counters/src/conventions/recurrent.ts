/** A text for a recurrent layer, and the same for its cell, which is a layer of one step. */
export function recurrent<
  const R extends string,
  const G extends string,
  const L extends string,
>(texts: { readonly SimpleRNN: R; readonly GRU: G; readonly LSTM: L }) {
  const { SimpleRNN, GRU, LSTM } = texts;
  return { ...texts, SimpleRNNCell: SimpleRNN, GRUCell: GRU, LSTMCell: LSTM } as const;
}
