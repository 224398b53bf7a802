using System.Security.Cryptography;
using System.Text;
using Harima.Imaging.Frames;

namespace Harima.Imaging.Formats.Cbf;

public sealed partial record CbfFile
{
    /// <summary>Writes a frame with its header.</summary>
    /// <param name="stream">Written from where it stands.</param>
    /// <param name="frame">Counts, shape <c>[y, x]</c>.</param>
    /// <param name="name">Name of the data block; no blanks.</param>
    /// <param name="header">What the detector says of the exposure.</param>
    public static void Write(Stream stream, DetectorFrame frame, string name, DetectorHeader header)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(header);
        var packed = ByteOffset.Compress(frame.Counts);
        stream.Write(Encoding.ASCII.GetBytes(Preamble(frame, name, header, packed)));
        stream.Write(Start);
        stream.Write(packed);
        stream.Write(new byte[Padding]);
        stream.Write(Encoding.ASCII.GetBytes($"\r\n{Boundary}--\r\n;\r\n\r\n"));
    }

    static string Preamble(DetectorFrame frame, string name, DetectorHeader header, byte[] packed)
    {
        string[] lines =
        [
            "###CBF: VERSION 1.5, Harima - PILATUS detectors",
            "",
            $"data_{name}",
            "",
            "_array_data.header_convention \"PILATUS_1.2\"",
            "_array_data.header_contents",
            ";",
            .. header.Lines().Select(line => $"# {line}"),
            ";",
            "",
            "_array_data.data",
            ";",
            Boundary,
            "Content-Type: application/octet-stream;",
            "     conversions=\"x-CBF_BYTE_OFFSET\"",
            "Content-Transfer-Encoding: BINARY",
            $"X-Binary-Size: {packed.Length}",
            "X-Binary-ID: 1",
            "X-Binary-Element-Type: \"signed 32-bit integer\"",
            "X-Binary-Element-Byte-Order: LITTLE_ENDIAN",
            $"Content-MD5: {Convert.ToBase64String(MD5.HashData(packed))}",
            $"X-Binary-Number-of-Elements: {frame.Counts.Length}",
            $"X-Binary-Size-Fastest-Dimension: {frame.Width}",
            $"X-Binary-Size-Second-Dimension: {frame.Height}",
            $"X-Binary-Size-Padding: {Padding}",
            "",
            "",
        ];
        return string.Join("\r\n", lines);
    }
}
