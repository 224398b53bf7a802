namespace Harima.Imaging.Frames;

/// <summary>The pixel layout of a detector built from equal modules with gaps between them.</summary>
/// <param name="Name">Maker's name of the model.</param>
/// <param name="Width">Columns, gaps included.</param>
/// <param name="Height">Rows, gaps included.</param>
/// <param name="PixelMm">Pixel edge in mm; pixels are square.</param>
/// <param name="ModuleWidth">Columns of one module.</param>
/// <param name="ModuleHeight">Rows of one module.</param>
/// <param name="GapX">Columns between two modules.</param>
/// <param name="GapY">Rows between two modules.</param>
/// <param name="SensorMm">Thickness of the silicon sensor in mm.</param>
/// <param name="CountCutoff">The largest count the electronics hold.</param>
public sealed record DetectorShape(
    string Name,
    int Width,
    int Height,
    double PixelMm,
    int ModuleWidth,
    int ModuleHeight,
    int GapX,
    int GapY,
    double SensorMm,
    int CountCutoff
)
{
    /// <summary>PILATUS 300K: three modules of 487 × 195 pixels, one above the other.</summary>
    public static DetectorShape Pilatus300K { get; } =
        new("PILATUS 300K", 487, 619, 0.172, 487, 195, 7, 17, 0.32, 1_048_500);

    /// <summary>PILATUS 1M: two by five modules.</summary>
    public static DetectorShape Pilatus1M { get; } =
        new("PILATUS 1M", 981, 1043, 0.172, 487, 195, 7, 17, 0.32, 1_048_500);

    /// <summary>EIGER 1M: two modules of 1030 × 514 pixels, one above the other.</summary>
    public static DetectorShape Eiger1M { get; } = new("EIGER 1M", 1030, 1065, 0.075, 1030, 514, 10, 37, 0.32, 65_534);

    /// <summary>Pixels, gaps included.</summary>
    public int PixelCount => Width * Height;

    /// <summary>True where no module lies.</summary>
    public bool IsGap(int y, int x) =>
        x % (ModuleWidth + GapX) >= ModuleWidth || y % (ModuleHeight + GapY) >= ModuleHeight;
}
