using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harima.Demo;

/// <summary>
/// The two metadata documents of a sequence, after the metadata of SPring-8's own data service: data_info, facility, measurement and
/// instrument in one, sample in the other; every number has its unit in a sibling <c>…_unit</c>.
/// </summary>
/// <remarks>Source: github.com/matumot/metadata-schema, whose spelling "monochrometer" is kept: readers look for it.</remarks>
static class DemoMetadata
{
    static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        // Japanese titles are to be read, not decoded.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Measurement(DemoSequence sequence)
    {
        var measurement = new JsonObject
        {
            ["method"] = sequence.Experiment.Method(),
            ["date"] = new JsonObject { ["start_time"] = Time(sequence.StartAt), ["end_time"] = Time(sequence.EndAt) },
        };
        foreach (var (name, value) in sequence.Experiment.Conditions())
            measurement[name] = value;
        return new JsonObject
        {
            ["data_info"] = DataInfo(sequence),
            ["facility"] = Facility(),
            ["measurement"] = measurement,
            ["instrument"] = sequence.Experiment.Instrument(),
        }.ToJsonString(Readable);
    }

    public static string Sample(DemoSequence sequence)
    {
        var sample = sequence.Experiment.Sample;
        var described = new JsonObject { ["name"] = sample.Name };
        if (sample.Formula is not null)
            described["chemical_formula"] = sample.Formula;
        described["supplier"] = sample.Supplier;
        described["lot_number"] = sample.LotNumber;
        if (sample.ModelNumber is not null)
            described["model_number"] = sample.ModelNumber;
        return new JsonObject { ["sample"] = new JsonArray(described) }.ToJsonString(Readable);
    }

    static JsonObject DataInfo(DemoSequence sequence)
    {
        var (proposal, owner) = (sequence.Proposal, DemoPeople.Get(sequence.Owner));
        return new JsonObject
        {
            ["identifier"] = new JsonObject
            {
                ["register_name"] = $"/{proposal.Beamline.Id}/{proposal.Id}/{sequence.Id}",
                ["proposal_number"] = proposal.Id,
            },
            ["date"] = new JsonObject { ["create_time"] = Time(sequence.EndAt) },
            ["facility"] = DemoSequence.Facility,
            ["class_name"] = proposal.Beamline.Id,
            ["title_ja"] = sequence.TitleJa,
            ["title"] = sequence.Title,
            ["access_rights"] = sequence.IsForEveryone ? "open" : "restricted",
            ["license"] = new JsonObject { ["name"] = "CC BY 4.0" },
            ["data_depositor"] = new JsonObject
            {
                ["name"] = owner.Name,
                ["affiliation"] = new JsonObject { ["organization"] = "Harima demo" },
            },
            ["contact_name"] = new JsonObject
            {
                ["name"] = $"{proposal.Beamline.Id} support",
                ["affiliation"] = new JsonObject { ["organization"] = "Harima demo" },
                ["role"] = "organization",
            },
        };
    }

    static JsonObject Facility() =>
        new()
        {
            ["ring"] = new JsonObject
            {
                ["energy"] = 8.0,
                ["energy_unit"] = "GeV",
                ["start_current"] = 99.5,
                ["start_current_unit"] = "mA",
                ["end_current"] = 99.4,
                ["end_current_unit"] = "mA",
                ["filling_pattern"] = "203 bunches",
                ["filling_pattern_mode"] = "A",
            },
        };

    static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
