-- A search that is kept as a plot keeps what is plotted across and up, and which axes are logarithmic (x, y or xy); null for what suits.
ALTER TABLE saved_search ADD COLUMN plot_x TEXT;
ALTER TABLE saved_search ADD COLUMN plot_y TEXT;
ALTER TABLE saved_search ADD COLUMN plot_log TEXT;
