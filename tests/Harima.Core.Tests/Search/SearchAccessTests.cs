using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Metadata.Annotations;
using Harima.Proposals;
using Harima.Samples;
using Harima.Search;
using Harima.Search.Feed;
using Harima.Sequences;

namespace Harima.Core.Tests.Search;

public sealed class SearchAccessOnSqlite(SqliteFacility facility)
    : SearchAccessTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class SearchAccessOnPostgres(PostgresFacility facility)
    : SearchAccessTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>Every answer is compared with what is found by asking for each sequence alone, as the person who asks.</summary>
public abstract class SearchAccessTests(TestFacility facility) : FacilityTests(facility)
{
    static readonly string[] Techniques = ["XAFS", "SAXS", "Powder XRD", "トモグラフィー"];
    static readonly string[] Formulas = ["LiFePO4", "Pt", "TiO2", "Fe2O3", "CeO2"];
    static readonly string[] Names = ["白金触媒", "鉄箔", "酸化チタン", "battery cathode", "Ce standard"];

    sealed record Known(
        string Proposal,
        string Id,
        string Technique,
        string Formula,
        double EnergyKeV,
        string Owner,
        string Name,
        bool HasRemark,
        string Sample
    );

    // What each sample was made from; null for nothing. They belong to different proposals.
    readonly Dictionary<string, string?> _samples = [];

    readonly List<Known> _sequences = [];

    static readonly string[] People = ["leader", "member", "staff", "admin", "stranger", "p0", "p1", "p2"];

    static Principal Of(string person) => person.Length == 0 ? Principal.Anonymous : new Principal(person, "test");

    [Fact]
    public async Task Nobody_finds_or_counts_what_they_may_not_see_whatever_changes()
    {
        var random = new Random(4711);
        var suffix = Guid.NewGuid().ToString("N")[..6].ToUpperInvariant();
        foreach (var person in People.Where(person => person[0] == 'p'))
            await Get<Users>()
                .CreateAsync(person, $"人 {person}", $"{person}@example.jp", "correct horse " + person, Token);
        await Get<CreateBeamline>().HandleAsync(new("BL02B2", "Powder", "粉末", ["p2"]), TestFacility.Admin, Token);
        string[] proposals = [.. Enumerable.Range(0, 4).Select(n => $"2026{suffix}{n}")];
        for (var n = 0; n < proposals.Length; n++)
            await Get<CreateProposal>()
                .HandleAsync(
                    new CreateProposalRequest(
                        proposals[n],
                        $"Proposal {n}",
                        $"課題 {n}",
                        n % 2 == 0 ? "BL14B2" : "BL02B2",
                        new DateOnly(2026, 4, 1),
                        new DateOnly(2026, 9, 30),
                        "leader",
                        n == 3 ? ["p0"] : ["member"]
                    ),
                    TestFacility.Admin,
                    Token
                );
        for (var n = 0; n < 10; n++)
        {
            var parent = n < 3 ? null : _samples.Keys.ElementAt(random.Next(_samples.Count));
            var sample = await Get<PutSample>()
                .CreateAsync(
                    proposals[random.Next(proposals.Length)],
                    new PutSampleRequest(
                        $$"""{"names": ["wafer {{n}}"]}""",
                        parent is null ? [] : [parent],
                        Id: $"W{suffix}{n}"
                    ),
                    TestFacility.Admin,
                    Token
                );
            _samples.Add(sample.Id, parent);
        }
        for (var n = 0; n < 40; n++)
            await AddAsync(proposals[random.Next(proposals.Length)], FormattableString.Invariant($"A{n:000}"), random);
        await CompareAsync();
        for (var round = 0; round < 12; round++)
        {
            for (var change = 0; change < 4; change++)
                await ChangeAsync(random, proposals, round * 10 + change);
            // The index has not heard of it yet: rights count all the same, and what was deleted is gone.
            await CompareAsync(isBehind: true);
            if (round % 3 != 0)
                continue;
            await Get<SearchFeed>().CatchUpAsync(Token);
            await CompareAsync();
        }
        await Get<SearchFeed>().RebuildAsync(Token);
        await CompareAsync();
    }

    async Task AddAsync(string proposal, string id, Random random)
    {
        var known = new Known(
            proposal,
            id,
            Techniques[random.Next(Techniques.Length)],
            Formulas[random.Next(Formulas.Length)],
            Math.Round(5 + random.NextDouble() * 20, 2),
            "leader",
            Names[random.Next(Names.Length)],
            random.Next(2) == 0,
            _samples.Keys.ElementAt(random.Next(_samples.Count))
        );
        await Get<OpenSequence>().HandleAsync(new(proposal, id), TestFacility.Leader, Token);
        await Get<SetMetadata>()
            .HandleAsync(
                proposal,
                id,
                MetadataKind.Measurement,
                FormattableString.Invariant(
                    $$"""{"measurement": {"energy": {{known.EnergyKeV}}, "energy_unit": "keV", "private_{{id}}": 5, "method": {"sub_category": "{{known.Technique}}"} } }"""
                ),
                TestFacility.Leader,
                Token
            );
        await Get<SetMetadata>()
            .HandleAsync(
                proposal,
                id,
                MetadataKind.Sample,
                $$"""{"sample": [{"name": "{{known.Name}} {{id}}", "chemical_formula": "{{known.Formula}}"}]}""",
                TestFacility.Leader,
                Token
            );
        await Get<SequenceSamples>().SetAsync(proposal, id, known.Sample, true, TestFacility.Admin, Token);
        if (known.HasRemark)
            await Get<Comments>().AddAsync(proposal, id, $"secretremark about {id}", TestFacility.Leader, Token);
        _sequences.Add(known);
        await Get<SearchFeed>().CatchUpAsync(Token);
    }

    async Task ChangeAsync(Random random, string[] proposals, int number)
    {
        var at = _sequences[random.Next(_sequences.Count)];
        var share = Get<ShareSequence>();
        switch (random.Next(6))
        {
            case 0 or 1:
                await share.SetVisibilityAsync(
                    at.Proposal,
                    at.Id,
                    random.Next(2) == 0 ? Visibility.Everyone : Visibility.Limited,
                    TestFacility.Leader,
                    Token
                );
                break;
            case 2 or 3:
                var person = People[random.Next(4, People.Length)];
                await share.HandleAsync(
                    new ShareSequenceRequest(at.Proposal, at.Id, person, random.Next(3) == 0 ? Right.None : Right.Read),
                    TestFacility.Leader,
                    Token
                );
                break;
            case 4:
                // A right on the whole proposal, as no use case of this house gives it: the table decides, and nothing else.
                await Get<CatalogueWriter>()
                    .WriteAsync(
                        transaction =>
                            Get<Grants>()
                                .Put(
                                    transaction,
                                    new ResourceRef(ResourceKind.Proposal, proposals[random.Next(proposals.Length)]),
                                    Principal.SubjectOf("p1"),
                                    Roles.Member,
                                    random.Next(2) == 0 ? Right.None : Right.Read,
                                    "test"
                                ),
                        Token
                    );
                break;
            default:
                await Get<DeleteSequence>().HandleAsync(at.Proposal, at.Id, TestFacility.Admin, Token);
                _sequences.Remove(at);
                if (number % 2 == 0)
                    await AddAsync(at.Proposal, at.Id, random);
                break;
        }
    }

    async Task CompareAsync(bool isBehind = false)
    {
        foreach (var person in People.Prepend(""))
        {
            var who = Of(person);
            var visible = new List<Known>();
            var everyone = 0;
            foreach (var sequence in _sequences)
            {
                if (await Get<SequenceAccess>().FindAsync(who, sequence.Proposal, sequence.Id, Token) is not { } view)
                    continue;
                visible.Add(sequence);
                everyone += view.Visibility == Visibility.Everyone ? 1 : 0;
            }
            await CompareAsync(who, "", visible, everyone);
            await CompareAsync(who, "technique:xafs", visible.FindAll(known => known.Technique == "XAFS"));
            await CompareAsync(
                who,
                "element:鉄",
                visible.FindAll(known => known.Formula.Contains("Fe") || known.Name == "鉄箔")
            );
            await CompareAsync(
                who,
                "energy:8000eV..12.5keV NOT technique:SAXS",
                visible.FindAll(known => known.EnergyKeV is >= 8 and <= 12.5 && known.Technique != "SAXS")
            );
            await CompareAsync(who, "sample.chemical_formula:TiO2", visible.FindAll(known => known.Formula == "TiO2"));
            await CompareAsync(who, "comment:secretremark", visible.FindAll(known => known.HasRemark));
            await CompareAsync(who, "secretremark", []);
            await AncestorsAsync(who, visible);
            await CompletesAsync(who, visible);
            await PlotsAsync(who, visible);
        }
    }

    /// <summary>Through samples that they may not see, nobody is told what comes from what.</summary>
    async Task AncestorsAsync(Principal who, List<Known> visible)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var sample in _samples.Keys)
        {
            try
            {
                await Get<SampleQueries>().GetAsync(who, sample, Token);
                seen.Add(sample);
            }
            catch (FaultException fault) when (fault.Code == FaultCode.NotFound)
            {
                // Hidden.
            }
        }
        bool ComesFrom(string sample, string ancestor) =>
            _samples[sample] is { } parent
            && seen.Contains(parent)
            && (parent == ancestor || ComesFrom(parent, ancestor));
        foreach (var ancestor in _samples.Keys.Take(4))
            await CompareAsync(
                who,
                $"ancestor:{ancestor}",
                visible.FindAll(known => seen.Contains(known.Sample) && ComesFrom(known.Sample, ancestor))
            );
    }

    async Task CompareAsync(Principal who, string text, List<Known> expected, int? everyone = null)
    {
        var request = FindRequest.Of(text) with
        {
            Facets = ["technique", "proposal", "owner", "visibility"],
            Histograms = ["energy"],
            Limit = 7,
            Sort = "id",
            Descending = false,
        };
        var found = new List<string>();
        FindResult result;
        do
        {
            result = await Get<FindSequences>().HandleAsync(request, who, Token);
            found.AddRange(result.Hits.Select(hit => $"{hit.Sequence.ProposalId}/{hit.Sequence.Id}"));
            request = request with { Cursor = result.Next };
        } while (result.Next is not null);
        var why = $"{who.Actor}: {text}";
        Assert.Equal(
            $"{why}: {string.Join(' ', expected.Select(known => $"{known.Proposal}/{known.Id}").Order())}",
            $"{why}: {string.Join(' ', found.Order())}"
        );
        Assert.Equal((why, expected.Count), (why, (int)result.Count.Count));
        Equal(why, result, "technique", expected.CountBy(known => known.Technique));
        Equal(why, result, "proposal", expected.CountBy(known => known.Proposal));
        Equal(why, result, "owner", expected.CountBy(known => known.Owner));
        if (everyone is { } open)
            Assert.Equal(
                (why, open),
                (
                    why,
                    (int)
                        result
                            .Facets.Single(facet => facet.Field == "visibility")
                            .Values.Where(value => value.Value == "everyone")
                            .Sum(value => value.Count.Count)
                )
            );
        Assert.Equal((why, (long)expected.Count), (why, result.Histograms[0].Counts.Sum()));
        Assert.All(
            result.Facets.Single(facet => facet.Field == "proposal").Values,
            value => Assert.StartsWith("Proposal ", value.Label, StringComparison.Ordinal)
        );
    }

    static void Equal(string why, FindResult result, string field, IEnumerable<KeyValuePair<string, int>> expected) =>
        Assert.Equal(
            $"{why}: {string.Join(' ', expected.Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal))}",
            $"{why}: "
                + string.Join(
                    ' ',
                    result
                        .Facets.Single(facet => facet.Field == field)
                        .Values.Select(value => $"{value.Value}={value.Count.Count}")
                        .Order(StringComparer.Ordinal)
                )
        );

    async Task CompletesAsync(Principal who, List<Known> visible)
    {
        var complete = Get<CompleteQuery>();
        var paths = await complete.PathsAsync("private_", 100, who, Token);
        Assert.Equal(
            visible.Select(known => "measurement.private_" + known.Id).Distinct().Order(StringComparer.Ordinal),
            paths.Select(path => path.Path).Order(StringComparer.Ordinal)
        );
        var values = await complete.ValuesAsync("sample.chemical_formula", "", FindRequest.Of(""), 100, who, Token);
        Assert.Equal(
            visible
                .CountBy(known => known.Formula)
                .Select(pair => $"{pair.Key}={pair.Value}")
                .Order(StringComparer.Ordinal),
            values.Select(value => $"{value.Value}={value.Count.Count}").Order(StringComparer.Ordinal)
        );
    }

    async Task PlotsAsync(Principal who, List<Known> visible)
    {
        var plot = await Get<PlotPoints>().HandleAsync(FindRequest.Of(""), "energy", "created", 1_000, who, Token);
        Assert.Equal(
            visible.Select(known => $"{known.Proposal}/{known.Id}").Order(),
            plot.Points.Select(point => $"{point.ProposalId}/{point.SequenceId}").Order()
        );
        foreach (var point in plot.Points)
        {
            var known = visible.Single(known => known.Proposal == point.ProposalId && known.Id == point.SequenceId);
            Assert.Equal(known.EnergyKeV, point.X, 1e-9);
        }
    }
}
