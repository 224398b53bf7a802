using System.Buffers.Binary;

namespace Harima.Imaging.Formats.Tiff;

/// <summary>Takes numbers of a row, beginning at that column; it may change them.</summary>
delegate void TiffNumbers(int y, int x, Span<double> values);

/// <summary>Takes colours of a row, beginning at that column: red, green and blue of each pixel.</summary>
delegate void TiffColours(int y, int x, ReadOnlySpan<byte> colours);

/// <summary>How the pixels of a page lie, and what they are: numbers of one sample, or colours of three or four.</summary>
sealed partial class TiffPage
{
    // A detector of as many pixels is larger than any.
    const long MaxPixels = 40_000_000;

    // What is unpacked at once.
    const long MaxBlockBytes = 160 << 20;
    const int MaxSide = 1 << 20;

    /// <summary>How the pixels of a strip are packed (TIFF 6.0 and its technical notes; the last one is of libtiff).</summary>
    enum Packing
    {
        None = 1,
        Lzw = 5,
        Jpeg = 7,
        Deflate = 8,
        OldDeflate = 32946,
        PackBits = 32773,
        Zstandard = 50000,
    }

    enum Photometric
    {
        Rgb = 2,
        YCbCr = 6,
    }

    enum Format
    {
        Unsigned = 1,
        Signed = 2,
        Floating = 3,
    }

    readonly TiffDirectory _directory;
    readonly Packing _packing;
    readonly Format _format;
    readonly long _photometric;
    readonly int _predictor;
    readonly int _sampleBytes;
    readonly int _samples;

    TiffPage(TiffDirectory directory)
    {
        _directory = directory;
        _packing = (Packing)directory.One(TiffTag.Compression, 1);
        if (!Enum.IsDefined(_packing))
            throw NotRead(
                $"compression {(int)_packing} is not read; none (1), LZW (5), JPEG (7), deflate (8), PackBits (32773) and Zstandard (50000) are"
            );
        _predictor = (int)directory.One(TiffTag.Predictor, 1);
        if (_predictor is not (1 or 2 or 3))
            throw NotRead($"predictor {_predictor} is not read; 1, 2 and 3 are");
        var samples = directory.One(TiffTag.SamplesPerPixel, 1);
        _photometric = directory.One(TiffTag.PhotometricInterpretation, 1);
        var bits = directory.One(TiffTag.BitsPerSample, 1);
        _format = (Format)directory.One(TiffTag.SampleFormat, 1);
        (_samples, _sampleBytes) = ((int)Math.Min(samples, 5), (int)(bits / 8));
        var isRead = (_format, bits) switch
        {
            (Format.Unsigned or Format.Signed, 8 or 16 or 32 or 64) => true,
            (Format.Floating, 16 or 32 or 64) => true,
            _ => false,
        };
        if (!isRead)
            throw NotRead(
                $"{bits} bits per sample of format {(int)_format} are not read; whole numbers (1, 2) of 8 to 64 and floating ones (3) of 16 to 64 are"
            );
        if (_samples != 1 && !IsReadColour(bits))
            throw NotRead(
                $"{samples} samples per pixel of {bits} bits are not read; one is, and red, green and blue of 8 or 16 bits side by side"
            );
        if (_predictor == 3 && !IsFloating)
            throw NotRead("predictor 3 is one of floating numbers");
        if (_packing == Packing.Jpeg && (bits != 8 || _format != Format.Unsigned || _predictor != 1))
            throw NotRead($"JPEG of {bits} bits is not read; of 8 it is");
        (Width, Height) = Sides(directory);
    }

    /// <summary>What a directory says.</summary>
    /// <exception cref="DamagedFileException">It is of a kind that is not read; the message names it.</exception>
    public static TiffPage Of(TiffDirectory directory) => new(directory);

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    public bool IsColour => _samples > 1;

    public bool IsFloating => _format == Format.Floating;

    int PixelBytes => _samples * _sampleBytes;

    bool IsReadColour(long bits) =>
        _samples is 3 or 4
        && bits is 8 or 16
        && _format == Format.Unsigned
        && _directory.One(TiffTag.PlanarConfiguration, 1) == 1
        && (
            _photometric == (int)Photometric.Rgb
            || (_photometric == (int)Photometric.YCbCr && _packing == Packing.Jpeg && _samples == 3)
        );

    (int, int) Sides(TiffDirectory directory)
    {
        var (width, height) = (directory.One(TiffTag.ImageWidth), directory.One(TiffTag.ImageLength));
        if (width > MaxPixels || height > MaxPixels || width * height > MaxPixels)
            throw NotRead($"{width} x {height} pixels are more than the {MaxPixels} that are read");
        var bytes = width * height * PixelBytes;
        if (bytes == 0 || (_packing == Packing.None && bytes > directory.FileBytes))
            throw NotRead(
                $"{width} x {height} pixels of {8 * PixelBytes} bits need {bytes} bytes, but the whole file has {directory.FileBytes}"
            );
        return ((int)width, (int)height);
    }

    /// <summary>Gives every number of the page.</summary>
    /// <exception cref="DamagedFileException">It is damaged; the message says where.</exception>
    public void ReadNumbers(TiffNumbers sink)
    {
        var values = new double[Width];
        Read(
            (y, x, bytes) =>
            {
                var row = values.AsSpan(0, bytes.Length / _sampleBytes);
                for (var i = 0; i < row.Length; i++)
                    row[i] = Number(bytes[(i * _sampleBytes)..]);
                sink(y, x, row);
            }
        );
    }

    /// <summary>Gives every pixel of the page as red, green and blue; what is transparent shows as it is.</summary>
    /// <exception cref="DamagedFileException">It is damaged; the message says where.</exception>
    public void ReadColours(TiffColours sink)
    {
        var colours = new byte[3 * Width];
        Read(
            (y, x, bytes) =>
            {
                var row = colours.AsSpan(0, bytes.Length / PixelBytes * 3);
                // Of 16 bits the higher eight.
                var high = _sampleBytes == 2 && _directory.IsLittleEndian ? 1 : 0;
                for (var i = 0; i < row.Length; i++)
                    row[i] = bytes[(i / 3 * PixelBytes) + (i % 3 * _sampleBytes) + high];
                sink(y, x, row);
            }
        );
    }

    double Number(ReadOnlySpan<byte> at)
    {
        var bits = _sampleBytes switch
        {
            1 => at[0],
            2 => _directory.IsLittleEndian
                ? BinaryPrimitives.ReadUInt16LittleEndian(at)
                : BinaryPrimitives.ReadUInt16BigEndian(at),
            4 => _directory.IsLittleEndian
                ? BinaryPrimitives.ReadUInt32LittleEndian(at)
                : BinaryPrimitives.ReadUInt32BigEndian(at),
            _ => _directory.IsLittleEndian
                ? BinaryPrimitives.ReadUInt64LittleEndian(at)
                : BinaryPrimitives.ReadUInt64BigEndian(at),
        };
        return (_format, _sampleBytes) switch
        {
            (Format.Unsigned, _) => bits,
            (Format.Signed, 1) => (sbyte)bits,
            (Format.Signed, 2) => (short)bits,
            (Format.Signed, 4) => (int)bits,
            (Format.Signed, _) => (long)bits,
            (_, 2) => (double)BitConverter.UInt16BitsToHalf((ushort)bits),
            (_, 4) => BitConverter.UInt32BitsToSingle((uint)bits),
            _ => BitConverter.UInt64BitsToDouble(bits),
        };
    }

    static DamagedFileException NotRead(string why) => new("TIFF", why + ".");
}
