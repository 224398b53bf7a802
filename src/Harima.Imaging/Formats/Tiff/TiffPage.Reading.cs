namespace Harima.Imaging.Formats.Tiff;

// Strips are rows from side to side, one strip below the other; tiles are blocks side by side, of which those at the edges reach over it.
sealed partial class TiffPage
{
    const int RowsAtOnceBytes = 1 << 20;
    const int MostOverlap = 16;

    delegate void Pixels(int y, int x, ReadOnlySpan<byte> bytes);

    void Read(Pixels sink)
    {
        if (_directory.Has(TiffTag.TileWidth))
            ReadTiles(sink);
        else
            ReadStrips(sink);
    }

    void ReadStrips(Pixels sink)
    {
        var (offsets, lengths) = Places(TiffTag.StripOffsets, TiffTag.StripByteCounts, "strips");
        var rowBytes = Width * PixelBytes;
        var rows = new Rows(rowBytes, Height, sink);
        var stripRows = Math.Clamp(_directory.One(TiffTag.RowsPerStrip, Height), 1, Height);
        for (var i = 0; i < offsets.Length && !rows.IsFull; i++)
        {
            var wanted = Math.Min(stripRows * rowBytes, rows.Missing);
            if (_packing == Packing.None)
            {
                _directory.ExpectPixels(offsets[i], lengths[i]);
                var end = offsets[i] + Math.Min(wanted, lengths[i]);
                for (var at = offsets[i]; at < end; at += RowsAtOnceBytes)
                    rows.Add(_directory.Take((ulong)at, (int)Math.Min(RowsAtOnceBytes, end - at)));
            }
            else
                rows.Add(Unpacked(offsets[i], lengths[i], Width, (int)Math.Min(stripRows, Height), wanted));
        }

        if (!rows.IsFull)
            throw NotRead($"the strips hold {rows.Pixels(PixelBytes)} of {Width * (long)Height} pixels");
    }

    void ReadTiles(Pixels sink)
    {
        var (offsets, lengths) = Places(TiffTag.TileOffsets, TiffTag.TileByteCounts, "tiles");
        var (width, height) = (_directory.One(TiffTag.TileWidth), _directory.One(TiffTag.TileLength));
        if (width is <= 0 or > MaxSide || height is <= 0 or > MaxSide || width * height > MaxPixels)
            throw NotRead($"tiles of {width} x {height} pixels are none, or too large");
        var across = ((Width - 1) / width) + 1;
        var down = ((Height - 1) / height) + 1;
        if (offsets.Length < across * down)
            throw NotRead($"{across * down} tiles make the picture, and it names {offsets.Length}");
        var (tileRow, tileBytes) = ((int)width * PixelBytes, width * height * PixelBytes);
        // Tiles reach over the edge, by less than one: else a few pixels would cost any number of bytes.
        if (tileBytes * across * down > 4 * MaxBlockBytes)
            throw NotRead($"{across * down} tiles of {tileBytes} bytes are too much");
        for (var n = 0; n < across * down; n++)
        {
            var tile = Unpacked(offsets[n], lengths[n], (int)width, (int)height, tileBytes);
            if (tile.Length < tileBytes)
                throw NotRead($"tile {n} holds {tile.Length} of {tileBytes} bytes");
            var (x, y) = ((int)(n % across * width), (int)(n / across * height));
            for (var row = 0; row < Math.Min(height, Height - y); row++)
                sink(y + row, x, tile.AsSpan(row * tileRow, (int)Math.Min(width, Width - x) * PixelBytes));
        }
    }

    (long[] Offsets, long[] Lengths) Places(TiffTag at, TiffTag size, string what)
    {
        var (offsets, lengths) = (_directory.All(at), _directory.All(size));
        if (offsets.Length == 0 || offsets.Length != lengths.Length)
            throw NotRead($"it names {offsets.Length} {what} and {lengths.Length} lengths of {what}");
        // Equal ones may lie in one place, but a small file must not be read over and over.
        var bytes = lengths.Sum(length => (decimal)Math.Min(length, _directory.FileBytes));
        if (bytes > MostOverlap * (decimal)_directory.FileBytes)
            throw NotRead($"its {what} have {bytes} bytes, and the whole file {_directory.FileBytes}");
        return (offsets, lengths);
    }

    /// <summary>Rows are given as soon as they are whole; strips need not end with one.</summary>
    sealed class Rows(int rowBytes, int height, Pixels sink)
    {
        readonly byte[] _row = new byte[rowBytes];
        int _filled;
        int _y;

        public bool IsFull => _y == height;

        public long Missing => ((height - _y) * (long)rowBytes) - _filled;

        public long Pixels(int pixelBytes) => ((_y * (long)rowBytes) + _filled) / pixelBytes;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty && !IsFull)
            {
                var take = Math.Min(rowBytes - _filled, bytes.Length);
                bytes[..take].CopyTo(_row.AsSpan(_filled));
                bytes = bytes[take..];
                _filled += take;
                if (_filled < rowBytes)
                    return;
                sink(_y++, 0, _row);
                _filled = 0;
            }
        }
    }
}
