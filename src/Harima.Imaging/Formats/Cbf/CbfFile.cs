using Harima.Imaging.Frames;

namespace Harima.Imaging.Formats.Cbf;

/// <summary>A frame in the crystallographic binary format, as PILATUS detectors write it ("miniCBF").</summary>
/// <remarks>
/// Source: imgCIF/CBF 1.5 (International Tables G 2.3) and the PILATUS header convention 1.2.
/// <code>
/// ###CBF: VERSION 1.5 ...            text, CR LF
/// _array_data.header_contents        "# Wavelength 1.00000 A" and so on between two ';'
/// --CIF-BINARY-FORMAT-SECTION--      MIME-like header: sizes, dimensions, Content-MD5
/// 0C 1A 04 D5                        then the compressed pixels, then padding
/// --CIF-BINARY-FORMAT-SECTION----
/// </code>
/// </remarks>
/// <param name="Frame">Counts, shape <c>[y, x]</c>.</param>
/// <param name="Header">Lines of the detector's header without the leading "# ".</param>
public sealed partial record CbfFile(DetectorFrame Frame, IReadOnlyList<string> Header)
{
    const string Boundary = "--CIF-BINARY-FORMAT-SECTION--";
    const int Padding = 4095;

    static ReadOnlySpan<byte> Start => [0x0c, 0x1a, 0x04, 0xd5];

    /// <summary>The rest of the header line that begins with <paramref name="key"/>, or null.</summary>
    public string? Find(string key) =>
        Header
            .Where(line => line.StartsWith(key, StringComparison.Ordinal))
            .Select(line => line[key.Length..].TrimStart(' ', ':', '='))
            .FirstOrDefault();
}
