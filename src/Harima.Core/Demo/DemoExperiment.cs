using System.Text.Json.Nodes;

namespace Harima.Demo;

/// <summary>What was measured.</summary>
sealed record DemoSample(string Name, string? Formula, string Supplier, string LotNumber, string? ModelNumber = null);

/// <summary>One way to measure: makes the files and says in metadata how they came about.</summary>
abstract record DemoExperiment(DemoSample Sample)
{
    /// <summary>The files in the order they were written; made one by one, so that only one is in memory.</summary>
    public abstract IEnumerable<DemoFile> Files(DemoSequence sequence);

    /// <summary>The part "method" of the measurement metadata.</summary>
    public abstract JsonObject Method();

    /// <summary>Further parts of the measurement metadata beside method and date.</summary>
    public virtual IEnumerable<KeyValuePair<string, JsonNode?>> Conditions() => [];

    /// <summary>The part "instrument".</summary>
    public abstract JsonObject Instrument();

    protected static JsonObject IonChamber(string gas, double gain) =>
        new()
        {
            ["element_number"] = 1,
            ["element"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "Ion Chamber",
                    ["gas"] = gas,
                    ["HV"] = 1000.0,
                    ["HV_unit"] = "V",
                    ["amp_gain"] = gain,
                    ["amp_gain_unit"] = "V/A",
                }
            ),
        };

    protected static JsonObject Monochrometer() =>
        new()
        {
            ["net_plane"] = "Si(111)",
            ["distance"] = 3.13551,
            ["distance_unit"] = "A",
        };
}
