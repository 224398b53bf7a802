namespace Harima.Imaging.Simulation;

/// <summary>An atom of a unit cell.</summary>
/// <param name="Electrons">Atomic number; the scattering power at small angles.</param>
/// <param name="X">Fraction of the cell edge.</param>
/// <param name="Y">Fraction of the cell edge.</param>
/// <param name="Z">Fraction of the cell edge.</param>
public readonly record struct CellAtom(int Electrons, double X, double Y, double Z);

/// <summary>All planes of one spacing: a powder ring.</summary>
/// <param name="H">Largest index of a plane of the family.</param>
/// <param name="K">Middle index.</param>
/// <param name="L">Smallest index.</param>
/// <param name="Multiplicity">Planes that contribute, over all permutations and signs.</param>
/// <param name="SpacingAngstrom">d in Å.</param>
/// <param name="Power">Σ |F|² over the planes, in electrons².</param>
public sealed record PowderLine(int H, int K, int L, int Multiplicity, double SpacingAngstrom, double Power)
{
    /// <summary>Bragg's law: 2θ in radian, or null where the wavelength is too long for these planes.</summary>
    public double? TwoTheta(double wavelengthAngstrom)
    {
        var sine = wavelengthAngstrom / (2 * SpacingAngstrom);
        return sine < 1 ? 2 * Math.Asin(sine) : null;
    }
}

/// <summary>A cubic crystal; which rings it shows follows from where its atoms are.</summary>
/// <param name="Name">Common name.</param>
/// <param name="Formula">Chemical formula.</param>
/// <param name="LatticeAngstrom">Cell edge a in Å.</param>
/// <param name="Atoms">Every atom of the conventional cell.</param>
public sealed record CubicCrystal(string Name, string Formula, double LatticeAngstrom, IReadOnlyList<CellAtom> Atoms)
{
    const double DebyeWallerAngstrom2 = 0.6;

    static readonly (double X, double Y, double Z)[] FaceCentred =
    [
        (0, 0, 0),
        (0, 0.5, 0.5),
        (0.5, 0, 0.5),
        (0.5, 0.5, 0),
    ];
    static readonly (double X, double Y, double Z)[] BodyCentred = [(0, 0, 0), (0.5, 0.5, 0.5)];

    /// <summary>Ceria, fluorite structure (NIST SRM 674b, 5.4113 Å).</summary>
    public static CubicCrystal CeO2 { get; } =
        new(
            "Cerium dioxide",
            "CeO2",
            5.4113,
            [.. Place(58, FaceCentred), .. Place(8, FaceCentred, 0.25), .. Place(8, FaceCentred, 0.75)]
        );

    /// <summary>Silicon, diamond structure (NIST SRM 640, 5.4310 Å).</summary>
    public static CubicCrystal Silicon { get; } = Diamond("Silicon", "Si", 14, 5.4310);

    /// <summary>Lanthanum hexaboride, primitive (NIST SRM 660, 4.1569 Å; boron at x = 0.1993).</summary>
    public static CubicCrystal LaB6 { get; } =
        new(
            "Lanthanum hexaboride",
            "LaB6",
            4.1569,
            [
                new(57, 0, 0, 0),
                new(5, 0.1993, 0.5, 0.5),
                new(5, 0.8007, 0.5, 0.5),
                new(5, 0.5, 0.1993, 0.5),
                new(5, 0.5, 0.8007, 0.5),
                new(5, 0.5, 0.5, 0.1993),
                new(5, 0.5, 0.5, 0.8007),
            ]
        );

    /// <summary>Platinum, face-centred (3.9242 Å).</summary>
    public static CubicCrystal Platinum { get; } = FaceCentredMetal("Platinum", "Pt", 78, 3.9242);

    /// <summary>Gold, face-centred (4.0782 Å).</summary>
    public static CubicCrystal Gold { get; } = FaceCentredMetal("Gold", "Au", 79, 4.0782);

    /// <summary>Copper, face-centred (3.6149 Å).</summary>
    public static CubicCrystal Copper { get; } = FaceCentredMetal("Copper", "Cu", 29, 3.6149);

    /// <summary>Nickel, face-centred (3.5240 Å).</summary>
    public static CubicCrystal Nickel { get; } = FaceCentredMetal("Nickel", "Ni", 28, 3.5240);

    /// <summary>α-iron, body-centred (2.8665 Å).</summary>
    public static CubicCrystal Iron { get; } = new("Iron", "Fe", 2.8665, [.. Place(26, BodyCentred)]);

    /// <summary>Tungsten, body-centred (3.1652 Å).</summary>
    public static CubicCrystal Tungsten { get; } = new("Tungsten", "W", 3.1652, [.. Place(74, BodyCentred)]);

    /// <summary>A metal with one atom at each point of a face-centred lattice.</summary>
    public static CubicCrystal FaceCentredMetal(string name, string formula, int electrons, double latticeAngstrom) =>
        new(name, formula, latticeAngstrom, [.. Place(electrons, FaceCentred)]);

    /// <summary>A crystal of the diamond structure.</summary>
    public static CubicCrystal Diamond(string name, string formula, int electrons, double latticeAngstrom) =>
        new(name, formula, latticeAngstrom, [.. Place(electrons, FaceCentred), .. Place(electrons, FaceCentred, 0.25)]);

    /// <summary>The crystal at another temperature.</summary>
    /// <param name="expansionPerKelvin">Linear coefficient in 1/K.</param>
    /// <param name="kelvinAbove">Difference in K.</param>
    public CubicCrystal Heated(double expansionPerKelvin, double kelvinAbove) =>
        this with
        {
            LatticeAngstrom = LatticeAngstrom * (1 + (expansionPerKelvin * kelvinAbove)),
        };

    /// <summary>The rings down to a spacing, the largest spacing first; extinct ones are absent.</summary>
    /// <param name="minSpacingAngstrom">Smallest d in Å.</param>
    public IReadOnlyList<PowderLine> Lines(double minSpacingAngstrom)
    {
        var maxSquare = LatticeAngstrom * LatticeAngstrom / (minSpacingAngstrom * minSpacingAngstrom);
        var max = (int)Math.Sqrt(maxSquare);
        var families = new SortedDictionary<int, PowderLine>();
        for (var h = 1; h <= max; h++)
        for (var k = 0; k <= h; k++)
        for (var l = 0; l <= k; l++)
            Add(families, h, k, l, maxSquare);
        return [.. families.Values];
    }

    void Add(SortedDictionary<int, PowderLine> families, int h, int k, int l, double maxSquare)
    {
        var square = (h * h) + (k * k) + (l * l);
        var spacing = LatticeAngstrom / Math.Sqrt(square);
        var planes = Permutations(h, k, l);
        var power = planes * StructureFactorSquared(h, k, l, spacing);
        // An extinct reflection sums to rounding noise, never to a millionth of one electron squared.
        if (square > maxSquare || power < 1e-6)
            return;
        // 333 and 511 fall on the same ring.
        families[square] = families.TryGetValue(square, out var other)
            ? other with
            {
                H = h,
                K = k,
                L = l,
                Multiplicity = other.Multiplicity + planes,
                Power = other.Power + power,
            }
            : new PowderLine(h, k, l, planes, spacing, power);
    }

    /// <summary>|F(hkl)|² in electrons², with f = Z·exp(−B/4d²): shape of the atoms and their vibration in one factor.</summary>
    double StructureFactorSquared(int h, int k, int l, double spacing)
    {
        double real = 0;
        double imaginary = 0;
        foreach (var atom in Atoms)
        {
            var (sine, cosine) = Math.SinCos(2 * Math.PI * ((h * atom.X) + (k * atom.Y) + (l * atom.Z)));
            real += atom.Electrons * cosine;
            imaginary += atom.Electrons * sine;
        }

        // Atoms are not points: about exp(−2·s²) of the small-angle power is left at s = 1/2d, besides vibration.
        var falloff = Math.Exp(-(DebyeWallerAngstrom2 + 2.0) / (2 * spacing * spacing));
        return ((real * real) + (imaginary * imaginary)) * falloff;
    }

    static int Permutations(int h, int k, int l)
    {
        var orders =
            h == k && k == l ? 1
            : h == k || k == l ? 3
            : 6;
        var signs = (h == 0 ? 1 : 2) * (k == 0 ? 1 : 2) * (l == 0 ? 1 : 2);
        return orders * signs;
    }

    static IEnumerable<CellAtom> Place(int electrons, (double X, double Y, double Z)[] points, double shift = 0) =>
        points.Select(p => new CellAtom(electrons, p.X + shift, p.Y + shift, p.Z + shift));
}
