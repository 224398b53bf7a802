using Harima.Imaging.Frames;

namespace Harima.Imaging.Formats.Tiff;

/// <summary>A frame as a grey TIFF of whole pixels: read from a page of any usual packing (<see cref="TiffPage"/>), written as detectors do, not packed.</summary>
/// <remarks>
/// Source: TIFF 6.0 (Adobe 1992). PILATUS lays a file out as
/// <code>
/// 0      "II" 42, offset of the directory
/// 8      directory, then its texts (date, model, header lines "# Wavelength 1.00000 A")
/// 4096   pixels, 32-bit signed little endian, row-major
/// </code>
/// </remarks>
/// <param name="Frame">Counts, shape <c>[y, x]</c>.</param>
/// <param name="Description">The header of the detector, one line each with a leading "# ", or empty.</param>
public sealed partial record TiffFile(DetectorFrame Frame, string Description)
{
    const int PixelsAt = 4096;
}
