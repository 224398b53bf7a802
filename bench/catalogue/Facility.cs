using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Harima.CatalogueBench;

/// <summary>A value of the metadata: where it stands, and a text or a number with its unit.</summary>
readonly record struct Value(string Path, string? Text, double Number = 0, string? Unit = null);

/// <summary>A sequence as a facility would have it; wholly decided by its row and the seed.</summary>
sealed class BenchSequence
{
    public required long Row { get; init; }
    public required string Id { get; init; }
    public required int Proposal { get; init; }
    public required string Beamline { get; init; }
    public required string Technique { get; init; }
    public required string Owner { get; init; }
    public required string State { get; init; }
    public required bool ForEveryone { get; init; }
    public required DateTime StartedAt { get; init; }
    public required long SizeBytes { get; init; }
    public required string[] Elements { get; init; }
    public required string FileType { get; init; }
    public List<Value> Measurement { get; } = new(48);
    public List<Value> Sample { get; } = new(16);

    /// <summary>The nested document, numbers with units as {value, unit}.</summary>
    public static string Json(List<Value> values)
    {
        var root = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            var at = root;
            var names = value.Path.Split('.');
            foreach (var name in names[..^1])
            {
                if (!at.TryGetValue(name, out var below))
                    at[name] = below = new Dictionary<string, object>(StringComparer.Ordinal);
                at = (Dictionary<string, object>)below;
            }
            at[names[^1]] =
                value.Text is { } text ? text
                : value.Unit is { } unit ? new Dictionary<string, object> { ["value"] = value.Number, ["unit"] = unit }
                : value.Number;
        }
        return JsonSerializer.Serialize(root, Options);
    }

    static readonly JsonSerializerOptions Options = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}

/// <summary>
/// A facility of many years: 10,000 proposals, 5,000 people, 57 beamlines; few of each have most of the sequences, as in life. One in
/// twenty sequences is open to everyone.
/// </summary>
sealed class Facility(long sequences, int seed)
{
    public const int Proposals = 10_000;
    public const int People = 5_000;
    const int FirstYear = 2014;
    const int Years = 12;

    public long Sequences => sequences;

    public static string ProposalId(int proposal) =>
        $"{FirstYear + proposal * Years / Proposals}{(proposal % 2 == 0 ? 'A' : 'B')}{1000 + proposal % 9000:d4}{proposal / 9000}";

    public static string ProposalTitle(int proposal)
    {
        var random = new Draws((ulong)proposal * 77 + 5);
        return $"{random.Of(Vocabulary.Adjectives)} {random.Of(Vocabulary.Subjects)} of {random.Of(Vocabulary.Materials)}";
    }

    public static string ProposalTitleJa(int proposal)
    {
        var random = new Draws((ulong)proposal * 77 + 6);
        return $"{random.Of(Vocabulary.MaterialsJa)}の{random.Of(Vocabulary.SubjectsJa)}に関する研究";
    }

    /// <summary>The proposals a typical user may read: 200 of them.</summary>
    public static int[] ProposalsOf(int user)
    {
        var random = new Draws((ulong)user * 991 + 17);
        var found = new SortedSet<int>();
        while (found.Count < 200)
            found.Add(random.Next(Proposals));
        return [.. found];
    }

    public BenchSequence Sequence(long row)
    {
        var random = new Draws((ulong)row * 0x9E3779B97F4A7C15 + (ulong)seed);
        // Time goes on with the rows; a proposal's beam time lies within its half-year.
        var at = (double)row / sequences;
        var started = new DateTime(FirstYear, 4, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(at * Years * 365);
        var around = (int)(at * Proposals);
        var proposal = Math.Clamp(around - 200 + (int)(400 * Math.Pow(random.Unit(), 2.2)), 0, Proposals - 1);
        var technique = random.Skewed(Vocabulary.Techniques);
        var elements = Enumerable
            .Range(0, 1 + random.Next(4))
            .Select(_ => random.Skewed(Vocabulary.Elements))
            .Distinct()
            .ToArray();
        var sequence = new BenchSequence
        {
            Row = row,
            Id = $"S{row:d8}",
            Proposal = proposal,
            Beamline = $"BL{1 + (int)(47 * Math.Pow(random.Unit(), 1.7)):d2}{random.Of(Vocabulary.Ports)}",
            Technique = technique.Name,
            Owner = $"user{(int)(People * Math.Pow(random.Unit(), 2)):d4}",
            State = random.Next(50) == 0 ? "open" : "closed",
            ForEveryone = random.Next(20) == 0,
            StartedAt = started,
            SizeBytes = (long)Math.Pow(10, 4 + 8 * random.Unit()),
            Elements = elements,
            FileType = random.Skewed(Vocabulary.FileTypes),
        };
        Describe(sequence, technique, random);
        return sequence;
    }

    static void Describe(BenchSequence sequence, (string Name, string Category) technique, Draws random)
    {
        var m = sequence.Measurement;
        var element = sequence.Elements[0];
        var formula = string.Concat(sequence.Elements.Select(e => e + random.Of(Vocabulary.Counts)));
        var material = random.Next(Vocabulary.Materials.Length);
        var (en, ja) = (Vocabulary.Materials[material], Vocabulary.MaterialsJa[material]);
        void Text(string path, string text) => m.Add(new Value(path, text));
        void Number(string path, double number, string? unit) => m.Add(new Value(path, null, number, unit));
        Text("data_info.title", $"{technique.Name} {random.Of(Vocabulary.Subjects)} of {en} ({formula})");
        Text("data_info.title_ja", $"{ja}の{random.Of(Vocabulary.SubjectsJa)}、{element}");
        Text("data_info.identifier.pid", $"spring8.{random.Hex()}");
        Text("data_info.identifier.proposal_number", Facility.ProposalId(sequence.Proposal));
        Text("data_info.access_rights", sequence.ForEveryone ? "open" : "restricted");
        Text("data_info.license.name", random.Skewed(Vocabulary.Licenses));
        Text("data_info.data_depositor.name", random.Of(Vocabulary.Family) + " " + random.Of(Vocabulary.Given));
        Text("data_info.data_depositor.affiliation.organization", random.Skewed(Vocabulary.Organizations));
        Text("facility.name", "SPring-8");
        Number("facility.ring.energy", 8, "GeV");
        Number("facility.ring.start_current", 99 + Math.Round(random.Unit(), 2), "mA");
        Text("facility.ring.filling_pattern", random.Skewed(Vocabulary.Filling));
        Text("measurement.method.category", technique.Category);
        Text("measurement.method.sub_category", technique.Name);
        Text("measurement.absorption_edge", $"{element} {random.Skewed(Vocabulary.Edges)}-edge");
        Text("measurement.scan_mode", random.Skewed(Vocabulary.ScanModes));
        Text("measurement.date.start_time", Time(sequence.StartedAt));
        Text("measurement.date.end_time", Time(sequence.StartedAt.AddMinutes(random.Next(500))));
        Number("measurement.energy", Math.Round(4 + 30 * Math.Pow(random.Unit(), 1.6), 4), "keV");
        Number("measurement.exposure_time", random.Of(Vocabulary.Exposures), "ms");
        Number("measurement.temperature", random.Next(3) > 0 ? 298 : Math.Round(4 + 1200 * random.Unit(), 1), "K");
        if (random.Next(10) == 0)
            Number("measurement.pressure", Math.Round(50 * random.Unit(), 2), "GPa");
        Text("measurement.description_ja", Sentence(random, ja));
        Text("measurement.description", SentenceEn(random, en));
        Text("instrument.beamline", sequence.Beamline);
        Text("instrument.detector.name", random.Skewed(Vocabulary.Detectors));
        Number("instrument.detector.distance", Math.Round(80 + 3000 * random.Unit(), 1), "mm");
        Number("instrument.detector.pixel_size", random.Of(Vocabulary.Pixels), "um");
        Text("instrument.monochromator.net_plane", random.Skewed(Vocabulary.Planes));
        Number("instrument.slit.width", Math.Round(random.Unit() * 2, 3), "mm");
        Number("instrument.slit.height", Math.Round(random.Unit() * 2, 3), "mm");
        Number("instrument.frames", random.Next(3600), null);
        Text("keywords", $"{random.Skewed(Vocabulary.Keywords)}, {random.Skewed(Vocabulary.Keywords)}");
        var s = sequence.Sample;
        s.Add(new Value("name", $"{en} {random.Of(Vocabulary.Forms)} {random.Next(10_000):d4}"));
        s.Add(new Value("name_ja", ja));
        s.Add(new Value("chemical_formula", formula));
        s.Add(new Value("lot_number", $"LOT-{random.Next(1_000_000):d6}"));
        s.Add(new Value("supplier", random.Skewed(Vocabulary.Suppliers)));
        s.Add(new Value("form", random.Skewed(Vocabulary.Forms)));
        s.Add(new Value("preparation", $"annealed at {random.Next(20) * 50} C in {random.Of(Vocabulary.Gases)}"));
        s.Add(new Value("thickness", null, Math.Round(500 * random.Unit(), 1), "nm"));
    }

    static string Time(DateTime at) => at.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    static string Sentence(Draws random, string material) =>
        $"{material}を{random.Of(Vocabulary.ConditionsJa)}で測定した。{random.Of(Vocabulary.SubjectsJa)}の評価のため、"
        + $"{random.Of(Vocabulary.ActionsJa)}。備考：{random.Of(Vocabulary.NotesJa)}、{random.Of(Vocabulary.MaterialsJa)}と比較。";

    static string SentenceEn(Draws random, string material)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"The {random.Of(Vocabulary.Adjectives)} {random.Of(Vocabulary.Subjects)} of {material} was measured"
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $" under {random.Of(Vocabulary.Gases)} with run code q{random.Next(400_000)}"
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"; compared with {random.Of(Vocabulary.Materials)} for {random.Of(Vocabulary.Subjects)}."
        );
        return text.ToString();
    }
}

/// <summary>Numbers that only the seed decides (SplitMix64).</summary>
sealed class Draws(ulong state)
{
    ulong _state = state;

    ulong Bits()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public int Next(int below) => (int)(Bits() % (ulong)below);

    public double Unit() => (Bits() >> 11) * (1.0 / (1UL << 53));

    public T Of<T>(T[] from) => from[Next(from.Length)];

    /// <summary>The first far more often than the last.</summary>
    public T Skewed<T>(T[] from) => from[(int)(from.Length * Math.Pow(Unit(), 2.5))];

    public string Hex() => $"{Bits():x16}{Bits():x16}";
}
