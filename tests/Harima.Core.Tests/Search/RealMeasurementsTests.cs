using System.Globalization;
using System.Text.RegularExpressions;
using Harima.Exchange;
using Harima.Extraction;
using Harima.Metadata;
using Harima.Metadata.Schemas;
using Harima.Samples;
using Harima.Search;
using Harima.Search.Feed;
using Harima.Sequences;

namespace Harima.Core.Tests.Search;

public sealed class RealMeasurementsOnSqlite(SqliteFacility facility)
    : RealMeasurementsTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class RealMeasurementsOnPostgres(PostgresFacility facility)
    : RealMeasurementsTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>
/// Real measurements, stored as they are: what their files say is taken over, schemas are followed, samples referred to, and people
/// find them. What must be found is read from the files by other means than Harima's.
/// </summary>
public abstract partial class RealMeasurementsTests(TestFacility facility) : FacilityTests(facility)
{
    const long LargestBytes = 4 << 20;

    [GeneratedRegex(
        @"^#\s*(Element\.symbol|Element\.edge|Sample\.name|Sample\.formula|Scan\.start_time):\s*(.*?)\s*$",
        RegexOptions.Multiline
    )]
    private static partial Regex XdiHeader { get; }

    /// <param name="Says">Of an XDI spectrum: what its header says.</param>
    sealed record Real(string Id, string Path, IReadOnlyDictionary<string, string> Says);

    [Fact]
    public async Task What_real_files_say_is_taken_over_and_found_by_the_questions_people_ask()
    {
        var root = TestData();
        Assert.SkipUnless(Directory.Exists(root), "The real measurements are not here (set HARIMA_TEST_DATA).");
        var all = await StoreAsync(root);
        await DescribeFuelCellAsync(root, all);
        await Get<SearchFeed>().CatchUpAsync(Token);
        var spectra = all.Where(real => real.Says.ContainsKey("Element.symbol")).ToList();
        Assert.True(spectra.Count > 250, $"{spectra.Count} spectra");

        var wrong = new List<string>();
        async Task FindsAsync(
            string question,
            Func<Real, bool> expected,
            bool orMore = false,
            IReadOnlyList<Real>? among = null
        )
        {
            var found = await FindAsync(question);
            if (among is not null)
                found.IntersectWith(among.Select(real => real.Id));
            var must = all.Where(expected).Select(real => real.Id).ToHashSet(StringComparer.Ordinal);
            Assert.NotEmpty(must);
            var missing = must.Except(found).Take(5).ToList();
            var more = found.Except(must).Take(5).ToList();
            if (missing.Count > 0 || (!orMore && more.Count > 0))
                wrong.Add(
                    $"{question}: {must.Count} expected; missing {string.Join(' ', missing)}; too many {string.Join(' ', more)}"
                );
        }

        foreach (
            var (symbol, edge) in spectra
                .Select(real =>
                    (Symbol: real.Says["Element.symbol"], Edge: real.Says.GetValueOrDefault("Element.edge", ""))
                )
                .Where(pair => pair.Edge.Length > 0)
                .Distinct()
        )
        {
            await FindsAsync(
                $"absorption_edge:\"{symbol} {edge}-edge\"",
                real => Says(real, "Element.symbol", symbol) && Says(real, "Element.edge", edge),
                among: spectra
            );
            // What contains the element besides, by its formula, is found too.
            await FindsAsync($"element:{symbol}", real => Says(real, "Element.symbol", symbol), orMore: true);
        }
        await FindsAsync("technique:XAS", real => Says(real, "Element.edge", "K"), orMore: true);
        foreach (var real in spectra.Where((_, n) => n % 7 == 0))
        {
            if (real.Says.GetValueOrDefault("Sample.name") is { Length: > 3 } name && name.Any(char.IsLetter))
                await FindsAsync(
                    $"sample:\"{name.Replace("\"", "", StringComparison.Ordinal)}\"",
                    other => other == real,
                    orMore: true
                );
            if (
                real.Says.GetValueOrDefault("Scan.start_time") is { Length: 19 } time
                && DateTime.TryParseExact(
                    time.Replace('T', ' '),
                    "yyyy-MM-dd HH:mm:ss",
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.None,
                    out var at
                )
            )
                await FindsAsync($"date:{at:yyyy-MM-dd}", other => other == real, orMore: true);
        }
        await FindsAsync("schema:xafs", real => real.Says.ContainsKey("Element.symbol"));
        await FindsAsync(
            "schema:xafs valid:no OR schema:xafs valid:yes",
            real => real.Says.ContainsKey("Element.symbol")
        );

        await FindsAsync("白金担持", real => real.Path.Contains("TEC10E50E", StringComparison.Ordinal));
        await FindsAsync(
            "試料:ＴＥＣ１０Ｅ５０Ｅ element:platinum",
            real => real.Path.Contains("TEC10E50E", StringComparison.Ordinal)
        );
        await FindsAsync("file:*.cbf", real => real.Path.EndsWith(".cbf", StringComparison.Ordinal));
        await FindsAsync("type:nxs", real => real.Path.EndsWith(".nxs", StringComparison.Ordinal));
        await FindsAsync("haxpes_Pt4f*", real => real.Path.Contains("haxpes_Pt4f", StringComparison.Ordinal));
        // What the files of other techniques say, in units they do not say it in.
        bool Is(Real real, params string[] names) =>
            names.Contains(Path.GetFileName(real.Path), StringComparer.Ordinal);
        await FindsAsync("energy:16.99..17.01keV", real => Is(real, "xrd_test.nxs", "mm.nxs"));
        await FindsAsync("energy:16990..17010eV technique:XRF", real => Is(real, "mm.nxs"));
        await FindsAsync("波長:0.068937nm", real => Is(real, "omega_scan.cbf", "phi_scan_001.cbf"));
        await FindsAsync("distance:10cm exposure:500ms", real => Is(real, "omega_scan.cbf", "phi_scan_001.cbf"));
        await FindsAsync(
            "energy:11503..11505eV",
            real => Path.GetFileName(real.Path).StartsWith("saxs_", StringComparison.Ordinal) && IsProfile(real)
        );
        await FindsAsync(
            "エネルギー:7.94keV",
            real => Is(real, "haxpes_VB_10VE_0001.txt", "haxpes_VB_TEC36F52_0001.txt")
        );
        await FindsAsync("sample:\"magnesium diboride\" date:2001-02", real => Is(real, "chopper.nxs"));
        await FindsAsync("data_info.id:BL-10_P-K_008", real => Is(real, "metadata.yml"));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>Of the SAXS files those with a header: fits and histograms have none.</summary>
    static bool IsProfile(Real real) =>
        real.Path.EndsWith("profileV.txt", StringComparison.Ordinal)
        || real.Path.EndsWith("sum_Connected.txt", StringComparison.Ordinal);

    static bool Says(Real real, string key, string value) =>
        string.Equals(real.Says.GetValueOrDefault(key), value, StringComparison.OrdinalIgnoreCase);

    async Task<HashSet<string>> FindAsync(string question)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        for (var request = FindRequest.Of(question) with { Limit = 500 }; ; )
        {
            var page = await Get<FindSequences>().HandleAsync(request, TestFacility.Leader, Token);
            found.UnionWith(page.Hits.Select(hit => hit.Sequence.Id));
            if (page.Next is null)
                return found;
            request = request with { Cursor = page.Next };
        }
    }

    async Task<List<Real>> StoreAsync(string root)
    {
        var all = new List<Real>();
        var files = Directory
            .EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetDirectoryName(file) != root && new FileInfo(file).Length <= LargestBytes)
            .Order(StringComparer.Ordinal);
        foreach (var file in files)
        {
            var path = Path.GetRelativePath(root, file);
            var id = $"R{all.Count:d4}-" + Regex.Replace(Path.GetFileNameWithoutExtension(file), "[^A-Za-z0-9.-]", "-");
            id = id[..Math.Min(60, id.Length)];
            var bytes = await File.ReadAllBytesAsync(file, Token);
            await Facility.PutAsync($"{id}/{Path.GetFileName(file)}", bytes);
            var says = new Dictionary<string, string>(StringComparer.Ordinal);
            if (file.EndsWith(".xdi", StringComparison.OrdinalIgnoreCase))
            {
                foreach (
                    Match match in XdiHeader.Matches(
                        System.Text.Encoding.UTF8.GetString(bytes).ReplaceLineEndings("\n")
                    )
                )
                    says.TryAdd(match.Groups[1].Value, match.Groups[2].Value);
            }
            await Get<ExtractMetadata>().HandleAsync($"{TestFacility.Proposal}/{id}", Token);
            await Get<AcceptExtracted>().HandleAsync(TestFacility.Proposal, id, null, null, TestFacility.Leader, Token);
            if (says.ContainsKey("Element.symbol"))
                await Get<FollowSchema>()
                    .HandleAsync(
                        TestFacility.Proposal,
                        id,
                        MetadataKind.Measurement,
                        "xafs",
                        null,
                        TestFacility.Leader,
                        Token
                    );
            all.Add(new Real(id, path, says));
        }
        return all;
    }

    /// <summary>What the people of SPring-8 wrote beside their files, and the catalyst they measured in many ways.</summary>
    async Task DescribeFuelCellAsync(string root, List<Real> all)
    {
        var sample = await Get<PutSample>()
            .CreateAsync(
                TestFacility.Proposal,
                new(
                    """{"names": ["TEC10E50E", "白金担持カーボン触媒"], "chemical_formula": "Pt/C", "supplier": "田中貴金属工業"}"""
                ),
                TestFacility.Leader,
                Token
            );
        var described = all.Single(real => real.Path.EndsWith("rksr_xafs/metadata.yml", StringComparison.Ordinal));
        await Get<ExchangeMetadata>()
            .ImportAsync(
                TestFacility.Leader,
                TestFacility.Proposal,
                described.Id,
                "benten-yaml",
                await File.ReadAllTextAsync(Path.Combine(root, described.Path), Token),
                false,
                null,
                Token
            );
        foreach (var real in all.Where(real => real.Path.Contains("TEC10E50E", StringComparison.Ordinal)))
            await Get<SequenceSamples>()
                .SetAsync(TestFacility.Proposal, real.Id, sample.Id, true, TestFacility.Leader, Token);
    }

    static string TestData() =>
        Environment.GetEnvironmentVariable("HARIMA_TEST_DATA") is { Length: > 0 } named
            ? named
            : Path.GetFullPath(Path.Combine(House.Repository.Root, "..", "shared", "data"));
}
