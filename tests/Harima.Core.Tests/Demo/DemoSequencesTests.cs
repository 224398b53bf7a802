using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Imaging.Simulation;
using Harima.Metadata;
using Harima.Sequences;

namespace Harima.Demo;

public sealed class DemoSequencesTests
{
    [Fact]
    public void There_are_4_beamlines_6_proposals_and_30_sequences()
    {
        Assert.Equal(4, DemoProposals.Beamlines.Count);
        Assert.Equal(6, DemoProposals.All.Count);
        Assert.Equal(30, DemoSequences.All.Count);
        Assert.Equal(30, DemoSequences.All.Select(s => (s.Proposal.Id, s.Id)).Distinct().Count());
        Assert.All(DemoSequences.All, sequence => Assert.True(Sequence.IsId(sequence.Id), sequence.Id));
        Assert.All(DemoProposals.All, proposal => Assert.Contains(DemoSequences.All, s => s.Proposal == proposal));
    }

    [Fact]
    public void Most_are_closed_some_open_one_is_for_everyone_and_some_are_shared_with_one_person()
    {
        Assert.InRange(DemoSequences.All.Count(sequence => sequence.StaysOpen), 3, 6);
        Assert.Single(DemoSequences.All, sequence => sequence.IsForEveryone);
        Assert.InRange(DemoSequences.All.Count(sequence => sequence.SharedWith is not null), 4, 8);
        Assert.DoesNotContain(DemoSequences.All, sequence => sequence.SharedWith?.UserId == "stranger");
    }

    [Fact]
    public void Whoever_measured_may_upload_there_and_measured_within_the_period()
    {
        foreach (var sequence in DemoSequences.All)
        {
            Assert.True(sequence.Proposal.Concerns(DemoPeople.Get(sequence.Owner)), $"{sequence.Id}: {sequence.Owner}");
            Assert.InRange(
                DateOnly.FromDateTime(sequence.StartAt.Date),
                sequence.Proposal.StartsOn,
                sequence.Proposal.EndsOn
            );
        }
    }

    [Fact]
    public void The_stranger_has_nothing_to_do_with_any_proposal_and_the_five_roles_exist()
    {
        string[] ids = ["admin", "staff", "leader", "member", "stranger"];
        Assert.All(ids, id => Assert.Equal(id, DemoPeople.Get(id).Role));
        Assert.DoesNotContain(DemoProposals.All, proposal => proposal.Concerns(DemoPeople.Get("stranger")));
        Assert.Equal(2, DemoProposals.All.Count(proposal => proposal.Leader == "leader"));
    }

    [Fact]
    public void Metadata_is_sound_JSON_in_both_languages_and_every_measured_number_has_its_unit()
    {
        foreach (var sequence in DemoSequences.All)
        {
            var measurement = DemoMetadata.Measurement(sequence);
            Assert.Empty(MetadataCheck.Check(measurement));
            Assert.Empty(MetadataCheck.Check(DemoMetadata.Sample(sequence)));
            var document = JsonNode.Parse(measurement)!.AsObject();
            Assert.Equal(["data_info", "facility", "measurement", "instrument"], document.Select(member => member.Key));
            Assert.Contains(sequence.TitleJa, measurement, StringComparison.Ordinal);
            RequireUnits(document, "$");
        }
    }

    /// <summary>The published schema of SPring-8's XAFS beamlines names every key that may occur.</summary>
    [Fact]
    public void Metadata_of_XAFS_uses_only_keys_of_the_published_schema()
    {
        var file = Path.Combine(TestData(), "spring8-metadata-schema/schema/schema.sp8_xafs.json");
        Assert.SkipUnless(File.Exists(file), "The published schema is not here (set HARIMA_TEST_DATA).");
        var schema = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        foreach (var sequence in DemoSequences.All.Where(sequence => sequence.Experiment is DemoXafs))
        {
            RequireKnown(schema, schema, JsonNode.Parse(DemoMetadata.Measurement(sequence))!, "$");
            RequireKnown(schema, schema, JsonNode.Parse(DemoMetadata.Sample(sequence))!, "$");
        }
    }

    [Fact]
    public void The_same_sequence_is_measured_the_same_at_every_filling()
    {
        var sequence = DemoSequences.All.First(s => s.Experiment is DemoXafs);
        Assert.Equal(Checksums(sequence), Checksums(sequence));
        Assert.NotEqual(Checksums(sequence), Checksums(sequence with { Id = "S9999" }));

        static string[] Checksums(DemoSequence sequence) =>
            [
                .. sequence
                    .Experiment.Files(sequence)
                    .Select(file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(file.Content))),
            ];
    }

    [Fact]
    public void Rings_move_inwards_while_the_sample_is_heated()
    {
        var heating = DemoSequences.All.Single(s => s.Id == "S0003-ceo2-heating");
        var temperatures = ((DemoPowder)heating.Experiment).Temperatures;
        var spacings = temperatures.Select(t => CubicCrystal.CeO2.Heated(11.5e-6, t - 298).LatticeAngstrom).ToArray();
        Assert.Equal(spacings.Order(), spacings);
        Assert.Equal((298, 1073), (temperatures[0], temperatures[^1]));
    }

    static string TestData()
    {
        if (Environment.GetEnvironmentVariable("HARIMA_TEST_DATA") is { Length: > 0 } named)
            return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Harima.slnx")))
                return Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "data"));
        return "";
    }

    static readonly string[] WithoutUnit = ["_number", "_mode", "number", "hit_rate"];

    static void RequireUnits(JsonObject document, string path)
    {
        foreach (var (name, value) in document)
        {
            if (value is JsonObject inner)
                RequireUnits(inner, $"{path}.{name}");
            var isNumber =
                (value is JsonArray { Count: > 0 } array ? array[0] : value)?.GetValueKind() == JsonValueKind.Number;
            if (isNumber && !WithoutUnit.Any(end => name.EndsWith(end, StringComparison.Ordinal)))
                Assert.True(document.ContainsKey(name + "_unit"), $"{path}.{name} has no unit.");
        }
    }

    static void RequireKnown(JsonObject root, JsonObject schema, JsonNode value, string path)
    {
        if (schema["$ref"] is { } reference)
            schema = root["definitions"]![reference.GetValue<string>()["#/definitions/".Length..]]!.AsObject();
        if (value is JsonArray array)
            foreach (var item in array)
                RequireKnown(root, schema["items"]!.AsObject(), item!, path + "[]");
        if (value is not JsonObject members)
            return;
        foreach (var (name, member) in members)
        {
            var known = schema["properties"]?[name];
            Assert.True(known is not null, $"{path}.{name} is not in the schema.");
            RequireKnown(root, known.AsObject(), member!, $"{path}.{name}");
        }
    }
}
