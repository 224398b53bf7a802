using System.Buffers.Binary;
using Harima.Imaging.Formats.Compression;
using Harima.Imaging.Formats.Photo;

namespace Harima.Imaging.Formats.Tiff;

sealed partial class TiffPage
{
    /// <summary>The bytes of a strip or tile as they were before they were packed, as many as there are of those wanted.</summary>
    byte[] Unpacked(long at, long count, int width, int height, long wantedBytes)
    {
        _directory.ExpectPixels(at, count);
        if (count > MaxBlockBytes || wantedBytes > MaxBlockBytes)
            throw NotRead($"a strip or tile of {Math.Max(count, wantedBytes)} bytes is too large");
        var packed = _directory.Take((ulong)at, (int)count);
        if (_packing == Packing.None)
            return packed;
        if (_packing == Packing.Jpeg)
            return JpegBlock.Decode(
                packed,
                _directory.Bytes(TiffTag.JpegTables),
                width,
                height,
                _samples,
                JpegColours()
            );
        var target = new byte[wantedBytes];
        var filled = _packing switch
        {
            Packing.Lzw => TiffLzw.Decode(packed, target),
            Packing.PackBits => UnpackBits(packed, target),
            Packing.Zstandard => ZstandardFrame.Decode(packed, target),
            _ => ZLib.Decode(packed, target, "TIFF"),
        };
        var rowBytes = width * PixelBytes;
        for (var row = 0; _predictor > 1 && row < filled; row += rowBytes)
            Undo(target.AsSpan(row, Math.Min(rowBytes, filled - row)));
        return filled == target.Length ? target : target[..filled];
    }

    JpegColours JpegColours() =>
        _photometric == (int)Photometric.YCbCr ? Photo.JpegColours.YCbCr : Photo.JpegColours.AsTheyAre;

    /// <summary>TIFF 6.0, section 9: n + 1 bytes as they are, or one byte 1 − n times; −128 is nothing.</summary>
    static int UnpackBits(ReadOnlySpan<byte> packed, Span<byte> target)
    {
        var (at, written) = (0, 0);
        while (at + 1 < packed.Length && written < target.Length)
        {
            var count = (sbyte)packed[at++];
            if (count == sbyte.MinValue)
                continue;
            var length = Math.Min(Math.Abs((int)count) + 1, target.Length - written);
            if (count >= 0)
            {
                length = Math.Min(length, packed.Length - at);
                packed.Slice(at, length).CopyTo(target[written..]);
                at += count + 1;
            }
            else
                target.Slice(written, length).Fill(packed[at++]);
            written += length;
        }

        return written;
    }

    void Undo(Span<byte> row)
    {
        if (_predictor == 2)
            AddUp(row, _sampleBytes, PixelBytes, _directory.IsLittleEndian);
        else
        {
            AddUp(row, 1, _samples, _directory.IsLittleEndian);
            FromPlanes(row);
        }
    }

    /// <summary>TIFF technical note 3: planes of bytes, those of the exponents first; numbers again in the order of the file.</summary>
    void FromPlanes(Span<byte> row)
    {
        var planes = row.ToArray();
        var count = row.Length / _sampleBytes;
        for (var i = 0; i < count; i++)
        for (var b = 0; b < _sampleBytes; b++)
            row[(i * _sampleBytes) + (_directory.IsLittleEndian ? _sampleBytes - 1 - b : b)] = planes[(b * count) + i];
    }

    /// <summary>Each number was the difference to the one of the pixel on its left.</summary>
    static void AddUp(Span<byte> row, int bytes, int distance, bool isLittleEndian)
    {
        for (var at = distance; at + bytes <= row.Length; at += bytes)
        {
            var left = row[(at - distance)..];
            var right = row[at..];
            switch (bytes)
            {
                case 1:
                    right[0] += left[0];
                    break;
                case 2 when isLittleEndian:
                    BinaryPrimitives.WriteUInt16LittleEndian(
                        right,
                        (ushort)(
                            BinaryPrimitives.ReadUInt16LittleEndian(right)
                            + BinaryPrimitives.ReadUInt16LittleEndian(left)
                        )
                    );
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt16BigEndian(
                        right,
                        (ushort)(
                            BinaryPrimitives.ReadUInt16BigEndian(right) + BinaryPrimitives.ReadUInt16BigEndian(left)
                        )
                    );
                    break;
                case 4 when isLittleEndian:
                    BinaryPrimitives.WriteUInt32LittleEndian(
                        right,
                        BinaryPrimitives.ReadUInt32LittleEndian(right) + BinaryPrimitives.ReadUInt32LittleEndian(left)
                    );
                    break;
                case 4:
                    BinaryPrimitives.WriteUInt32BigEndian(
                        right,
                        BinaryPrimitives.ReadUInt32BigEndian(right) + BinaryPrimitives.ReadUInt32BigEndian(left)
                    );
                    break;
                case 8 when isLittleEndian:
                    BinaryPrimitives.WriteUInt64LittleEndian(
                        right,
                        BinaryPrimitives.ReadUInt64LittleEndian(right) + BinaryPrimitives.ReadUInt64LittleEndian(left)
                    );
                    break;
                default:
                    BinaryPrimitives.WriteUInt64BigEndian(
                        right,
                        BinaryPrimitives.ReadUInt64BigEndian(right) + BinaryPrimitives.ReadUInt64BigEndian(left)
                    );
                    break;
            }
        }
    }
}
