using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Harima.Imaging.Frames;

namespace Harima.Imaging.Formats.Tiff;

public sealed partial record TiffFile
{
    /// <summary>Writes a frame as 32-bit signed pixels.</summary>
    public static void Write(Stream stream, DetectorFrame frame, DetectorHeader header)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(header);
        stream.Write(Head(frame, header));
        if (BitConverter.IsLittleEndian)
        {
            stream.Write(MemoryMarshal.AsBytes(frame.Counts.AsSpan()));
            return;
        }

        var swapped = new int[frame.Counts.Length];
        BinaryPrimitives.ReverseEndianness(frame.Counts, swapped);
        stream.Write(MemoryMarshal.AsBytes(swapped.AsSpan()));
    }

    static byte[] Head(DetectorFrame frame, DetectorHeader header)
    {
        var date = header.ExposedAt.UtcDateTime.ToString("yyyy:MM:dd HH:mm:ss", CultureInfo.InvariantCulture);
        var description = string.Concat(header.Lines().Select(line => $"# {line}\r\n"));
        // In the order of their numbers, as TIFF 6.0 asks.
        (TiffTag Tag, object Value)[] entries =
        [
            (TiffTag.NewSubfileType, 0u),
            (TiffTag.ImageWidth, (uint)frame.Width),
            (TiffTag.ImageLength, (uint)frame.Height),
            (TiffTag.BitsPerSample, (ushort)32),
            (TiffTag.Compression, (ushort)1),
            (TiffTag.PhotometricInterpretation, (ushort)1),
            (TiffTag.ImageDescription, description),
            (TiffTag.Model, header.Detector.Shape.Name),
            (TiffTag.StripOffsets, (uint)PixelsAt),
            (TiffTag.SamplesPerPixel, (ushort)1),
            (TiffTag.RowsPerStrip, (uint)frame.Height),
            (TiffTag.StripByteCounts, (uint)frame.Counts.Length * 4),
            (TiffTag.Software, "Harima virtual beamline"),
            (TiffTag.DateTime, date),
            (TiffTag.SampleFormat, (ushort)2),
        ];
        var head = new byte[PixelsAt];
        "II*\0"u8.CopyTo(head);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), 8);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(8), (ushort)entries.Length);
        var textAt = 10 + (entries.Length * 12) + 4;
        for (var i = 0; i < entries.Length; i++)
            PutEntry(head, 10 + (i * 12), entries[i].Tag, entries[i].Value, ref textAt);
        return head;
    }

    static void PutEntry(byte[] head, int at, TiffTag tag, object value, ref int textAt)
    {
        var entry = head.AsSpan(at, 12);
        BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)tag);
        var text = value is string s ? Encoding.ASCII.GetBytes(s + '\0') : [];
        BinaryPrimitives.WriteUInt16LittleEndian(
            entry[2..],
            (ushort)(
                value is string ? 2
                : value is ushort ? 3
                : 4
            )
        );
        BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], (uint)(value is string ? text.Length : 1));
        switch (value)
        {
            case ushort number:
                BinaryPrimitives.WriteUInt16LittleEndian(entry[8..], number);
                break;
            case uint number:
                BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], number);
                break;
            default:
                // Texts of four bytes or fewer would stand in the entry itself; none of ours is that short.
                BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], (uint)textAt);
                text.CopyTo(head, textAt);
                // Values begin on even bytes.
                textAt += text.Length + (text.Length % 2);
                break;
        }
    }
}
