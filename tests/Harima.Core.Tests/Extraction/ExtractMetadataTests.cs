using System.Globalization;
using System.Text.Json;
using Harima.Extraction;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Sequences;

namespace Harima.Core.Tests.Extraction;

public sealed class ExtractMetadataOnSqlite(SqliteFacility facility)
    : ExtractMetadataTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class ExtractMetadataOnPostgres(PostgresFacility facility)
    : ExtractMetadataTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class ExtractMetadataTests(TestFacility facility) : FacilityTests(facility)
{
    const string Spectrum = """
        # XDI/1.0 GSE/1.0
        # Column.1: energy eV
        # Element.symbol: Se
        # Element.edge: K
        # Mono.d_spacing: 3.13555
        # Mono.name: Si 111
        # Sample.name: cobalt selenide
        # Sample.formula: CoSe
        # Beamline.name: BL14B2
        # Scan.start_time: 2026-04-10 17:29:28
        #----
        12508.0 349869.4
        """;

    async Task<ExtractionResult> ReadAsync(string id, Principal? who = null)
    {
        await Get<ExtractMetadata>().HandleAsync($"{TestFacility.Proposal}/{id}", Token);
        return await Get<ExtractionQueries>().OfAsync(who ?? TestFacility.Leader, TestFacility.Proposal, id, Token);
    }

    static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    static ProposedValue Value(ExtractionResult result, string path) =>
        Assert.Single(result.Values, value => value.Extracted.Path == path);

    [Fact]
    public async Task Headers_are_proposed_with_their_place_and_nothing_is_written()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/raw/CoSe.xdi", Bytes(Spectrum));
        var result = await ReadAsync(id);
        Assert.Equal((1, 0), (result.FilesRead, result.FilesPassed));
        var edge = Value(result, "measurement.method.absorption_edge");
        Assert.Equal(
            ("\"Se K-edge\"", "raw/CoSe.xdi", "Element.edge", ProposedState.New),
            (edge.Extracted.Value, edge.Extracted.File, edge.Extracted.FilePath, edge.State)
        );
        Assert.Equal("\"XAFS\"", Value(result, "measurement.method.sub_category").Extracted.Value);
        var spacing = Value(result, "instrument.monochrometer.distance").Extracted;
        Assert.Equal(("3.13555", "Å"), (spacing.Value, spacing.Unit));
        Assert.Equal("\"2026-04-10T17:29:28+09:00\"", Value(result, "measurement.date.start_time").Extracted.Value);
        Assert.Empty(await Get<MetadataQueries>().OfAsync(TestFacility.Leader, TestFacility.Proposal, id, Token));
    }

    [Fact]
    public async Task All_fills_only_what_is_empty_and_a_named_field_replaces_what_was_typed()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/CoSe.xdi", Bytes(Spectrum));
        await Get<SetMetadata>()
            .HandleAsync(
                TestFacility.Proposal,
                id,
                MetadataKind.Sample,
                """{"sample": [{"name": "セレン化コバルト", "lot_number": 1.50}]}""",
                TestFacility.Leader,
                Token
            );
        var result = await ReadAsync(id);
        Assert.Equal(ProposedState.Different, Value(result, "sample.name").State);
        Assert.Equal("\"セレン化コバルト\"", Value(result, "sample.name").Typed);
        var accepted = await AcceptAsync(id, null);
        Assert.DoesNotContain(accepted, value => value.Path == "sample.name");
        Assert.Contains(accepted, value => value.Path == "sample.chemical_formula");
        var text = await SampleAsync(id);
        Assert.Contains("セレン化コバルト", text, StringComparison.Ordinal);
        Assert.Contains("1.50", text, StringComparison.Ordinal);
        result = await ReadAsync(id);
        Assert.Equal(ProposedState.Same, Value(result, "sample.chemical_formula").State);
        Assert.Equal(ProposedState.Same, Value(result, "instrument.monochrometer.distance").State);
        var name = Value(result, "sample.name").Extracted;
        await AcceptAsync(id, [new AcceptedField(name.Path, name.Value, name.Unit)]);
        using var sample = JsonDocument.Parse(await SampleAsync(id));
        Assert.Equal("cobalt selenide", sample.RootElement.GetProperty("sample")[0].GetProperty("name").GetString());
        var changes = await Get<MetadataQueries>()
            .ChangesAsync(TestFacility.Leader, TestFacility.Proposal, id, null, 50, Token);
        Assert.Equal("leader", changes.Items[0].Actor);
    }

    [Theory]
    [InlineData("0.313555", "nm", ProposedState.Same)]
    [InlineData("3.13555e-10", "m", ProposedState.Same)]
    [InlineData("0.3136", "nm", ProposedState.Different)]
    [InlineData("3.13555", "keV", ProposedState.Different)]
    [InlineData("3.13555", "furlong of mine", ProposedState.Different)]
    public async Task What_was_typed_in_another_unit_is_compared_as_a_quantity(
        string value,
        string unit,
        ProposedState state
    )
    {
        var id = NewId();
        await Facility.PutAsync(id + "/CoSe.xdi", Bytes(Spectrum));
        await Get<SetMetadata>()
            .HandleAsync(
                TestFacility.Proposal,
                id,
                MetadataKind.Measurement,
                """{"instrument": {"monochrometer": {"distance": 1, "distance_unit": "U"}}}"""
                    .Replace("1,", value + ",", StringComparison.Ordinal)
                    .Replace("\"U\"", $"\"{unit}\"", StringComparison.Ordinal),
                TestFacility.Leader,
                Token
            );
        Assert.Equal(state, Value(await ReadAsync(id), "instrument.monochrometer.distance").State);
    }

    [Fact]
    public async Task Proposals_follow_the_files_and_a_stale_one_cannot_be_accepted()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a.xdi", Bytes(Spectrum));
        var old = Value(await ReadAsync(id), "sample.chemical_formula").Extracted;
        await Facility.PutAsync(id + "/a.xdi", Bytes(Spectrum.Replace("CoSe", "NiSe", StringComparison.Ordinal)));
        Assert.Equal("\"NiSe\"", Value(await ReadAsync(id), "sample.chemical_formula").Extracted.Value);
        var fault = await RefusedAsync(() => AcceptAsync(id, [new AcceptedField(old.Path, old.Value, old.Unit)]));
        Assert.Equal((FaultCode.Conflict, "proposal-gone"), (fault.Code, fault.Reason));
        await Get<RemoveFile>()
            .HandleAsync(new RemoveFileRequest(TestFacility.Bucket, id + "/a.xdi"), TestFacility.Leader, Token);
        Assert.Empty((await ReadAsync(id)).Values);
    }

    [Fact]
    public async Task A_damaged_file_is_told_and_the_others_are_read()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/good.xdi", Bytes(Spectrum));
        await Facility.PutAsync(id + "/torn.h5", Bytes("not what it says"));
        await Facility.PutAsync(id + "/notes.docx", Bytes("nothing to read"));
        var result = await ReadAsync(id);
        var problem = Assert.Single(result.Problems);
        Assert.Equal("torn.h5", problem.File);
        Assert.Contains("HDF5", problem.Message, StringComparison.Ordinal);
        Assert.NotEmpty(result.Values);
    }

    [Fact]
    public async Task Of_a_long_series_some_are_read_and_equal_values_are_one_proposal()
    {
        var id = NewId();
        for (var n = 0; n < 30; n++)
        {
            var time = string.Create(CultureInfo.InvariantCulture, $"17:{n:00}:00");
            await Facility.PutAsync(
                string.Create(CultureInfo.InvariantCulture, $"{id}/scan_{n:000}.xdi"),
                Bytes(Spectrum.Replace("17:29:28", time, StringComparison.Ordinal))
            );
        }
        var result = await ReadAsync(id);
        Assert.Equal((12, 18), (result.FilesRead, result.FilesPassed));
        Assert.Equal(12, Value(result, "sample.name").Extracted.Files);
        Assert.Equal("\"2026-04-10T17:00:00+09:00\"", Value(result, "measurement.date.start_time").Extracted.Value);
    }

    [Fact]
    public async Task Those_who_may_only_read_see_proposals_and_a_stranger_sees_no_sequence()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a.xdi", Bytes(Spectrum));
        await Get<ShareSequence>()
            .HandleAsync(
                new ShareSequenceRequest(TestFacility.Proposal, id, "stranger", Harima.Access.Right.Read),
                TestFacility.Leader,
                Token
            );
        Assert.NotEmpty((await ReadAsync(id, TestFacility.Stranger)).Values);
        Assert.Equal(
            FaultCode.Forbidden,
            (await RefusedAsync(() => AcceptAsync(id, null, TestFacility.Stranger))).Code
        );
        var other = NewId();
        await Facility.PutAsync(other + "/a.xdi", Bytes(Spectrum));
        Assert.Equal(FaultCode.NotFound, (await RefusedAsync(() => ReadAsync(other, TestFacility.Stranger))).Code);
        Assert.Equal(
            FaultCode.NotFound,
            (await RefusedAsync(() => AcceptAsync(other, null, TestFacility.Stranger))).Code
        );
    }

    [Fact]
    public async Task What_was_dismissed_is_not_taken_over_comes_back_and_is_proposed_anew_when_the_file_says_something_else()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a.xdi", Bytes(Spectrum));
        var formula = Field(Value(await ReadAsync(id), "sample.chemical_formula"));
        Assert.Equal(1, await DismissAsync(id, [formula]));
        Assert.Equal(0, await DismissAsync(id, [formula]));
        var dismissed = Value(await ReadAsync(id), "sample.chemical_formula");
        Assert.Equal((ProposedState.Dismissed, "leader"), (dismissed.State, dismissed.Dismissal?.By));
        Assert.DoesNotContain(await AcceptAsync(id, null), value => value.Path == "sample.chemical_formula");

        Assert.Equal(1, await UndoAsync(id, [formula]));
        Assert.Equal(ProposedState.New, Value(await ReadAsync(id), "sample.chemical_formula").State);
        await DismissAsync(id, [formula]);
        await Facility.PutAsync(id + "/a.xdi", Bytes(Spectrum.Replace("CoSe", "NiSe", StringComparison.Ordinal)));
        Assert.Equal(ProposedState.New, Value(await ReadAsync(id), "sample.chemical_formula").State);
    }

    [Fact]
    public async Task All_can_be_dismissed_and_brought_back_and_one_of_them_can_still_be_taken_by_name()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a.xdi", Bytes(Spectrum));
        var all = (await ReadAsync(id)).Values;
        Assert.Equal(all.Count, await DismissAsync(id, null));
        Assert.All((await ReadAsync(id)).Values, value => Assert.Equal(ProposedState.Dismissed, value.State));
        Assert.Empty(await AcceptAsync(id, null));
        var name = Field(all.Single(value => value.Extracted.Path == "sample.name"));
        await AcceptAsync(id, [name]);
        Assert.Equal(ProposedState.Same, Value(await ReadAsync(id), "sample.name").State);
        Assert.Equal(all.Count, await UndoAsync(id, null));
        Assert.DoesNotContain((await ReadAsync(id)).Values, value => value.State == ProposedState.Dismissed);
    }

    [Fact]
    public async Task Only_those_who_may_write_dismiss_and_what_the_files_do_not_say_is_refused()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a.xdi", Bytes(Spectrum));
        await ReadAsync(id);
        await Get<ShareSequence>()
            .HandleAsync(
                new ShareSequenceRequest(TestFacility.Proposal, id, "stranger", Harima.Access.Right.Read),
                TestFacility.Leader,
                Token
            );
        Assert.Equal(
            FaultCode.Forbidden,
            (await RefusedAsync(() => DismissAsync(id, null, TestFacility.Stranger))).Code
        );
        Assert.Equal(FaultCode.Forbidden, (await RefusedAsync(() => UndoAsync(id, null, TestFacility.Stranger))).Code);
        Assert.Equal(
            "proposal-gone",
            (await RefusedAsync(() => DismissAsync(id, [new AcceptedField("sample.name", "\"other\"", null)]))).Reason
        );
        await Get<CloseSequence>().HandleAsync(TestFacility.Proposal, id, TestFacility.Leader, Token);
        Assert.Equal(FaultCode.Closed, (await RefusedAsync(() => DismissAsync(id, null))).Code);
    }

    [Fact]
    public async Task A_named_proposal_is_not_taken_over_a_document_that_somebody_changed_since()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a.xdi", Bytes(Spectrum));
        var seen = await ReadAsync(id);
        Assert.Equal(new SeenVersions(MetadataVersion.None, MetadataVersion.None), seen.Seen);
        const string Typed = """{"sample": [{"name": "typed meanwhile"}]}""";
        await Get<SetMetadata>()
            .HandleAsync(TestFacility.Proposal, id, MetadataKind.Sample, Typed, TestFacility.Member, Token);
        var name = Field(Value(seen, "sample.name"));
        var fault = await RefusedAsync(() => AcceptAsync(id, [name], seen: seen.Seen));
        Assert.Equal((FaultCode.PreconditionFailed, "metadata-changed"), (fault.Code, fault.Reason));
        Assert.Equal(("sample", "member"), (fault.Fields["kind"], fault.Fields["by"]));
        Assert.Equal(Typed, await SampleAsync(id));

        // Of a document that nobody touched, and after looking again, it is.
        await AcceptAsync(id, [Field(Value(seen, "measurement.method.sub_category"))], seen: seen.Seen);
        await AcceptAsync(id, [name], seen: (await ReadAsync(id)).Seen);
        Assert.Contains("cobalt selenide", await SampleAsync(id), StringComparison.Ordinal);
    }

    /// <summary>Two dozen people write one document at once, each a value of their own; none of them is lost.</summary>
    [Fact]
    public async Task Accepting_beside_others_who_write_loses_nothing_of_either()
    {
        for (var round = 0; round < 5; round++)
        {
            var id = NewId();
            await Facility.PutAsync(id + "/a.xdi", Bytes(Spectrum));
            var formula = Field(Value(await ReadAsync(id), "sample.chemical_formula"));
            var writers = Enumerable
                .Range(0, 12)
                .Select(n => (Func<Task>)(() => TypeAsync(id, $"own_{n}")))
                .Append(() => AcceptAsync(id, [formula]))
                .Append(() => AcceptAsync(id, null));
            await Task.WhenAll(writers.Select(write => Task.Run(write, Token)));
            var text = await SampleAsync(id);
            for (var n = 0; n < 12; n++)
                Assert.Contains($"own_{n}", text, StringComparison.Ordinal);
            Assert.Contains("CoSe", text, StringComparison.Ordinal);
            Assert.Contains("cobalt selenide", text, StringComparison.Ordinal);
        }
    }

    /// <summary>As a careful client does: reads, changes, writes under the version it read, and reads again if somebody was faster.</summary>
    async Task TypeAsync(string id, string key)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var now = (await Get<MetadataQueries>().OfAsync(TestFacility.Member, TestFacility.Proposal, id, Token))
                .SingleOrDefault(document => document.Kind == MetadataKind.Sample)
                ?.Json;
            var json = System.Text.Json.Nodes.JsonNode.Parse(now ?? """{"sample": [{}]}""")!;
            json["sample"]![0]![key] = true;
            try
            {
                await Get<SetMetadata>()
                    .HandleAsync(
                        TestFacility.Proposal,
                        id,
                        MetadataKind.Sample,
                        json.ToJsonString(),
                        MetadataVersion.Of(now),
                        TestFacility.Member,
                        Token
                    );
                return;
            }
            catch (FaultException fault) when (fault.Reason == "metadata-changed") { }
        }
        Assert.Fail("Never got through.");
    }

    [Theory]
    [InlineData("2026-04-10 17:29:28", "2026-04-10T17:29:28+09:00", "Asia/Tokyo")]
    [InlineData("2026-04-10T17:29:28.123456", "2026-04-10T17:29:28.123456+09:00", "Asia/Tokyo")]
    [InlineData("2026-04-10T08:29:28Z", "2026-04-10T08:29:28+00:00", null)]
    [InlineData("2026-04-10T08:29:28.500Z", "2026-04-10T08:29:28.5+00:00", null)]
    [InlineData("2026-04-10T10:29:28+02:00", "2026-04-10T10:29:28+02:00", null)]
    [InlineData("2026-04-10T10:29:28+0200", "2026-04-10T10:29:28+02:00", null)]
    [InlineData("2026-04-10", "2026-04-10", null)]
    public async Task A_time_bears_its_offset_and_says_where_the_zone_is_the_facilitys(
        string written,
        string proposed,
        string? zone
    )
    {
        var id = NewId();
        await Facility.PutAsync(
            id + "/a.xdi",
            Bytes(Spectrum.Replace("2026-04-10 17:29:28", written, StringComparison.Ordinal))
        );
        var time = Value(await ReadAsync(id), "measurement.date.start_time").Extracted;
        Assert.Equal(($"\"{proposed}\"", zone), (time.Value, time.AssumedZone));
    }

    [Theory]
    [InlineData("2014-01-15T12:00:00", "2014-01-15T12:00:00+01:00")]
    [InlineData("2014-07-15T12:00:00", "2014-07-15T12:00:00+02:00")]
    public void A_zone_with_summer_time_gives_the_offset_of_that_day(string written, string expected) =>
        Assert.Equal(
            (expected, "Europe/Berlin"),
            HeaderPaths.TimeOf(written, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"))
        );

    [Theory]
    [InlineData("2026-04-10 17:29:28", ProposedState.Same)]
    [InlineData("2026/04/10 17:29:28", ProposedState.Same)]
    [InlineData("2026-04-10T08:29:28Z", ProposedState.Same)]
    [InlineData("2026-04-10T17:29:28Z", ProposedState.Different)]
    [InlineData("2026-04-10 17:29", ProposedState.Different)]
    public async Task A_typed_time_is_compared_as_a_moment(string typed, ProposedState state)
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a.xdi", Bytes(Spectrum));
        var json = JsonSerializer.Serialize(new { measurement = new { date = new { start_time = typed } } });
        await Get<SetMetadata>()
            .HandleAsync(TestFacility.Proposal, id, MetadataKind.Measurement, json, TestFacility.Leader, Token);
        Assert.Equal(state, Value(await ReadAsync(id), "measurement.date.start_time").State);
    }

    static AcceptedField Field(ProposedValue value) =>
        new(value.Extracted.Path, value.Extracted.Value, value.Extracted.Unit);

    Task<int> DismissAsync(string id, IReadOnlyList<AcceptedField>? fields, Principal? who = null) =>
        Get<DismissExtracted>().HandleAsync(TestFacility.Proposal, id, fields, who ?? TestFacility.Leader, Token);

    Task<int> UndoAsync(string id, IReadOnlyList<AcceptedField>? fields, Principal? who = null) =>
        Get<DismissExtracted>().UndoAsync(TestFacility.Proposal, id, fields, who ?? TestFacility.Leader, Token);

    Task<IReadOnlyList<ExtractedValue>> AcceptAsync(
        string id,
        IReadOnlyList<AcceptedField>? fields,
        Principal? who = null,
        SeenVersions? seen = null
    ) => Get<AcceptExtracted>().HandleAsync(TestFacility.Proposal, id, fields, seen, who ?? TestFacility.Leader, Token);

    async Task<string> SampleAsync(string id) =>
        (await Get<MetadataQueries>().OfAsync(TestFacility.Leader, TestFacility.Proposal, id, Token))
            .Single(document => document.Kind == MetadataKind.Sample)
            .Json;
}
