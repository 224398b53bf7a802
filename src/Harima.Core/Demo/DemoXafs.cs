using System.Globalization;
using System.Text.Json.Nodes;
using Harima.Imaging.Formats.Csv;
using Harima.Imaging.Formats.Nexus;
using Harima.Imaging.Simulation;

namespace Harima.Demo;

/// <summary>Absorption scans in transmission, each as NeXus and as csv.</summary>
sealed record DemoXafs(DemoSample Sample, XafsMeasurement Measurement) : DemoExperiment(Sample)
{
    public int Scans { get; init; } = 3;

    public override IEnumerable<DemoFile> Files(DemoSequence sequence)
    {
        for (var scan = 0; scan < Scans; scan++)
        {
            var spectrum = XafsScan.Scan(Measurement, sequence.Seed + (ulong)scan);
            var name = string.Create(
                CultureInfo.InvariantCulture,
                $"{Measurement.Edge.Element}-{Measurement.Edge.Edge}_{scan + 1:000}"
            );
            yield return DemoFile.Write(
                $"{name}.nxs",
                "application/x-hdf5",
                stream => XafsNexus.Write(stream, sequence.Nexus, Measurement.Edge, spectrum)
            );
            yield return DemoFile.Write(
                $"{name}.csv",
                "text/csv",
                stream =>
                    CsvTable.Write(
                        stream,
                        ("energy_eV", spectrum.EnergyEv),
                        ("I0", spectrum.I0),
                        ("I1", spectrum.I1),
                        ("mu", [.. spectrum.Mu.Select(mu => Math.Round(mu, 7))])
                    )
            );
        }
    }

    public override JsonObject Method() =>
        new()
        {
            ["category"] = "spectroscopy",
            ["sub_category"] = "XAFS",
            ["absorption_edge"] = $"{Measurement.Edge.Element} {Measurement.Edge.Edge}-edge",
            ["detection"] = "Transmission( 2)",
        };

    public override IEnumerable<KeyValuePair<string, JsonNode?>> Conditions() => [new("scan_mode", "energy axis (2)")];

    public override JsonObject Instrument()
    {
        var monochrometer = Monochrometer();
        monochrometer["section"] = new JsonArray(
            Section(-200, -20, 5),
            Section(-20, 40, 0.3),
            Section(40, Math.Round(3.80998 * Measurement.MaxWaveNumber * Measurement.MaxWaveNumber), 2)
        );
        return new JsonObject
        {
            ["slit"] = new JsonArray(
                new JsonObject
                {
                    ["name"] = "4Dslit",
                    ["vertical_size"] = 1.0,
                    ["vertical_size_unit"] = "mm",
                    ["horizontal_size"] = 5.0,
                    ["horizontal_size_unit"] = "mm",
                }
            ),
            ["xafs"] = new JsonObject
            {
                ["I0"] = IonChamber("N2 100%", 1e7),
                ["I1"] = IonChamber("N2 70% + Ar 30%", 1e6),
            },
            ["monochrometer"] = monochrometer,
        };
    }

    /// <summary>A stretch of the scan; energies in eV, from the edge.</summary>
    JsonObject Section(double from, double to, double step) =>
        new()
        {
            ["start_energy"] = Measurement.Edge.EnergyEv + from,
            ["start_energy_unit"] = "eV",
            ["step_energy"] = step,
            ["step_energy_unit"] = "eV",
            ["end_energy"] = Measurement.Edge.EnergyEv + to,
            ["end_energy_unit"] = "eV",
            ["dwell_time"] = 500.0,
            ["dwell_time_unit"] = "ms",
        };
}
