using System.Security.Cryptography;
using System.Text.Json;
using Harima.Imaging.Frames;
using Harima.Imaging.Neighbours;
using Harima.Imaging.Simulation;

namespace Harima.Imaging.Formats.Nexus;

public sealed class NexusTests
{
    /// <summary>Follows the default chain as a viewer does, and prints what it finds, with the sum of every numeric dataset.</summary>
    const string Describe = """
        def text(v): return v.decode() if isinstance(v, bytes) else v
        f = h5py.File(sys.argv[1], "r")
        node, path = f, []
        while "default" in node.attrs:
            path.append(text(node.attrs["default"])); node = node[path[-1]]
        signal = node[node.attrs["signal"]]
        nodes = {}
        def visit(name, o):
            a = {k: text(v) if isinstance(v, (str, bytes)) else [text(x) for x in v.tolist()] if v.shape else v.item() for k, v in o.attrs.items()}
            d = {"attrs": a}
            if isinstance(o, h5py.Dataset):
                d["shape"] = list(o.shape); d["dtype"] = str(o.dtype)
                d["compression"] = o.compression; d["chunks"] = list(o.chunks) if o.chunks else None
                if o.dtype.kind in "iuf": d["sum"] = float(o[()].astype("float64").sum())
                else: d["text"] = text(o[()])
            nodes[name] = d
        f.visititems(visit)
        print(json.dumps({"root": text(f.attrs["NX_class"]), "path": path, "signal": signal.name, "axes": [text(x) for x in node.attrs["axes"]],
          "rank": signal.ndim, "sum": float(signal[()].astype("float64").sum()), "nodes": nodes}))
        """;

    [Fact]
    public async Task A_powder_series_is_read_by_h5py_with_its_default_plot_and_profiles()
    {
        var frames = Enumerable
            .Range(0, 3)
            .Select(i => PowderDiffraction.Expose(FrameFixture.Detector, FrameFixture.Exposure, 1, (ulong)i))
            .ToArray();
        var seen = await AskAsync(stream =>
            PowderNexus.Write(stream, FrameFixture.Measurement, FrameFixture.Detector, frames, [300, 400, 500])
        );
        Assert.Equal(["entry", "data"], Strings(seen.GetProperty("path")));
        Assert.Equal("NXroot", seen.GetProperty("root").GetString());
        Assert.Equal(["temperature", ".", "."], Strings(seen.GetProperty("axes")));
        Assert.Equal(
            frames.Sum(frame => frame.Counts.Sum(count => (double)count)),
            seen.GetProperty("sum").GetDouble()
        );

        var data = Node(seen, "entry/instrument/detector/data");
        Assert.Equal("[3, 619, 487]", data.GetProperty("shape").GetRawText());
        Assert.Equal("int32", data.GetProperty("dtype").GetString());
        Assert.Equal("[1, 619, 487]", data.GetProperty("chunks").GetRawText());
        Assert.Equal("gzip", data.GetProperty("compression").GetString());
        Assert.Equal("NXdetector", Attribute(seen, "entry/instrument/detector", "NX_class"));
        Assert.Equal("mm", Attribute(seen, "entry/instrument/detector/distance", "units"));
        Assert.Equal(150.5, Node(seen, "entry/instrument/detector/distance").GetProperty("sum").GetDouble());
        Assert.Equal("angstrom", Attribute(seen, "entry/instrument/monochromator/wavelength", "units"));
        Assert.Equal("NXsample", Attribute(seen, "entry/sample", "NX_class"));
        Assert.Equal("CeO2", Node(seen, "entry/sample/chemical_formula").GetProperty("text").GetString());
        Assert.Equal("2026-04-12T18:30:15+09:00", Node(seen, "entry/start_time").GetProperty("text").GetString());
        Assert.Equal("[3, 1000]", Node(seen, "entry/profile/intensity").GetProperty("shape").GetRawText());
        Assert.Equal("deg", Attribute(seen, "entry/profile/two_theta", "units"));
    }

    [Fact]
    public async Task Serial_frames_are_read_by_h5py_as_NXmx_with_gaps_masked()
    {
        var detector = new FlatDetector(DetectorShape.Eiger1M, 1, 120, 515, 532);
        var run = new SerialRun { HitRate = 0.5 };
        var beamline = new SerialCrystallography(detector, run, 4);
        var exposures = Enumerable.Range(0, 3).Select(beamline.Expose).ToArray();
        var seen = await AskAsync(stream =>
            SerialNexus.Write(stream, FrameFixture.Measurement, detector, exposures, run.Cell)
        );
        Assert.Equal("NXmx", Node(seen, "entry/definition").GetProperty("text").GetString());
        var data = Node(seen, "entry/instrument/detector/data");
        Assert.Equal("uint16", data.GetProperty("dtype").GetString());
        var gaps = exposures[0].Frame.Counts.Count(count => count < 0);
        Assert.Equal(
            exposures.Sum(e => (double)e.Frame.Total()) + (3.0 * gaps * 65535),
            data.GetProperty("sum").GetDouble()
        );
        Assert.Equal(gaps, Node(seen, "entry/instrument/detector/pixel_mask").GetProperty("sum").GetDouble());
        Assert.Equal(
            exposures.Sum(e => e.Truth.SpotCount),
            Node(seen, "entry/hits/spot_count").GetProperty("sum").GetDouble()
        );
        Assert.Equal(
            "translation",
            Attribute(seen, "entry/instrument/detector/transformations/translation", "transformation_type")
        );
        Assert.Equal("NXdetector_module", Attribute(seen, "entry/instrument/detector/module", "NX_class"));
    }

    [Fact]
    public async Task A_tomography_is_read_by_h5py_as_NXtomo()
    {
        var scan = new TomographyScan
        {
            Height = 30,
            Width = 40,
            Projections = 10,
        };
        var frames = Tomography.Scan(Phantom.PorousGrain(0.05, 5, 3, 1), scan, 1);
        var seen = await AskAsync(stream =>
            TomographyNexus.Write(stream, FrameFixture.Measurement, frames, scan.PixelMm, 20)
        );
        Assert.Equal("NXtomo", Node(seen, "entry/definition").GetProperty("text").GetString());
        Assert.Equal("[20, 30, 40]", Node(seen, "entry/instrument/detector/data").GetProperty("shape").GetRawText());
        Assert.Equal(frames.Frames.Sum(level => (double)level), seen.GetProperty("sum").GetDouble());
        Assert.Equal(5 + (2 * 5), Node(seen, "entry/instrument/detector/image_key").GetProperty("sum").GetDouble());
        Assert.Equal("deg", Attribute(seen, "entry/sample/rotation_angle", "units"));
    }

    [Fact]
    public async Task An_absorption_scan_is_read_by_h5py_as_NXxas_with_mu_against_energy()
    {
        var measurement = new XafsMeasurement { Edge = AbsorptionEdge.CuK, Shells = [new(12, 2.556, 0.0086, 29)] };
        var spectrum = XafsScan.Scan(measurement, 3);
        var seen = await AskAsync(stream =>
            XafsNexus.Write(stream, FrameFixture.Measurement, measurement.Edge, spectrum)
        );
        Assert.Equal("NXxas", Node(seen, "entry/definition").GetProperty("text").GetString());
        Assert.Equal("/entry/data/mu", seen.GetProperty("signal").GetString());
        Assert.Equal(["energy"], Strings(seen.GetProperty("axes")));
        Assert.Equal(spectrum.Mu.Sum(), seen.GetProperty("sum").GetDouble(), 6);
        Assert.Equal(
            spectrum.I1.Sum(),
            Node(seen, "entry/instrument/absorbed_beam/data").GetProperty("sum").GetDouble()
        );
        Assert.Equal("eV", Attribute(seen, "entry/instrument/monochromator/energy", "units"));
    }

    [Fact]
    public void The_same_seed_gives_the_same_file()
    {
        Assert.Equal(Checksum(), Checksum());

        static string Checksum()
        {
            using var stream = new MemoryStream();
            var frame = PowderDiffraction.Expose(FrameFixture.Detector, FrameFixture.Exposure, 21);
            PowderNexus.Write(stream, FrameFixture.Measurement, FrameFixture.Detector, [frame]);
            return Convert.ToHexString(SHA256.HashData(stream.ToArray()));
        }
    }

    [Fact]
    public void As_many_temperatures_as_frames_are_asked_for() =>
        Assert.Throws<ArgumentException>(() =>
            PowderNexus.Write(
                new MemoryStream(),
                FrameFixture.Measurement,
                FrameFixture.Detector,
                [FrameFixture.Frame],
                [1, 2]
            )
        );

    static async Task<JsonElement> AskAsync(Action<Stream> write)
    {
        using var file = TemporaryFile.Write(".nxs", write);
        return await PythonReaders.AskAsync("h5py", file.Path, Describe);
    }

    static JsonElement Node(JsonElement seen, string path) => seen.GetProperty("nodes").GetProperty(path);

    static string? Attribute(JsonElement seen, string path, string name) =>
        Node(seen, path).GetProperty("attrs").GetProperty(name).GetString();

    static string?[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(element => element.GetString())];
}
