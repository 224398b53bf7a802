using Harima.Access;
using Harima.Imaging.Frames;
using Harima.Imaging.Simulation;

namespace Harima.Demo;

/// <summary>The thirty measurements of the demo facility.</summary>
static class DemoSequences
{
    public static readonly IReadOnlyList<DemoSequence> All =
    [
        .. Ceria(),
        .. Alloys(),
        .. FuelCell(),
        .. Corrosion(),
        .. Pores(),
        .. Lysozyme(),
    ];

    static IEnumerable<DemoSequence> Ceria()
    {
        var proposal = DemoProposals.Ceria;
        var ceria = new DemoSample("Cerium dioxide", "CeO2", "Demo Catalysts", "CE-2604-1");
        (CubicCrystal, double)[] pure = [(CubicCrystal.CeO2, 1)];
        var room = new DemoPowder(ceria, DetectorShape.Pilatus1M, 25, 250)
        {
            Phases = pure,
            Temperatures = [298, 298, 298, 298],
            CrystalliteNm = 40,
        };
        var standard = new DemoSample("Lanthanum hexaboride", "LaB6", "NIST", "SRM 660c", "660c");

        yield return new(
            proposal,
            "S0001-lab6-calibration",
            "LaB6 for calibration",
            "LaB6による校正",
            "2026-05-12 10:05"
        )
        {
            Owner = "staff",
            Minutes = 10,
            IsForEveryone = true,
            Experiment = room with
            {
                Sample = standard,
                Phases = [(CubicCrystal.LaB6, 1)],
                CrystalliteNm = 800,
                Temperatures = [298, 298],
            },
        };
        yield return new(proposal, "S0002-ceo2-room", "CeO2 at room temperature", "CeO2 室温", "2026-05-12 10:40")
        {
            Owner = "leader",
            Experiment = room,
        };
        yield return new(
            proposal,
            "S0003-ceo2-heating",
            "CeO2, heating to 1073 K",
            "CeO2 昇温 1073 Kまで",
            "2026-05-12 11:30"
        )
        {
            Owner = "leader",
            Minutes = 150,
            SharedWith = ("takahashi", Right.Read),
            Experiment = room with { Frames = DemoFrames.Nexus, Temperatures = Ramp(298, 1073, 20) },
        };
        yield return new(
            proposal,
            "S0004-ceo2-cooling",
            "CeO2, cooling from 1073 K",
            "CeO2 降温 1073 Kから",
            "2026-05-12 14:15"
        )
        {
            Owner = "member",
            Minutes = 90,
            Experiment = room with { Temperatures = Ramp(1073, 298, 10), CrystalliteNm = 70 },
        };
        yield return new(
            proposal,
            "S0005-ceo2-nano",
            "CeO2, 6 nm crystallites, heating",
            "CeO2 6 nm結晶子 昇温",
            "2026-05-13 09:20"
        )
        {
            Owner = "member",
            Minutes = 120,
            Experiment = room with
            {
                Sample = ceria with { LotNumber = "CE-2604-2" },
                Shape = DetectorShape.Pilatus300K,
                DistanceMm = 140,
                Frames = DemoFrames.Nexus,
                Temperatures = Ramp(298, 873, 24),
                CrystalliteNm = 6,
            },
        };
        yield return new(proposal, "S0006-pt-ceo2", "Pt on CeO2", "Pt担持CeO2", "2026-05-13 13:00")
        {
            Owner = "ito",
            Experiment = room with
            {
                Sample = new("Platinum on ceria, 5 wt%", "Pt/CeO2", "Demo Catalysts", "PC-2604-1"),
                Phases = [(CubicCrystal.CeO2, 1), (CubicCrystal.Platinum, 0.08)],
            },
        };
        yield return new(
            proposal,
            "S0007-pt-ceo2-heating",
            "Pt on CeO2, heating (in progress)",
            "Pt担持CeO2 昇温(測定中)",
            "2026-05-13 14:10"
        )
        {
            Owner = "leader",
            StaysOpen = true,
            Experiment = room with
            {
                Sample = new("Platinum on ceria, 5 wt%", "Pt/CeO2", "Demo Catalysts", "PC-2604-1"),
                Phases = [(CubicCrystal.CeO2, 1), (CubicCrystal.Platinum, 0.08)],
                Temperatures = [298, 373, 473],
            },
        };
    }

    static IEnumerable<DemoSequence> Alloys()
    {
        var proposal = DemoProposals.Alloys;
        var powder = new DemoPowder(
            new("Silicon", "Si", "NIST", "SRM 640f", "640f"),
            DetectorShape.Pilatus300K,
            20,
            130
        )
        {
            Phases = [(CubicCrystal.Silicon, 1)],
            Temperatures = [298, 298, 298],
            Frames = DemoFrames.Tiff,
            CrystalliteNm = 500,
        };
        yield return new(proposal, "S0001-si-standard", "Silicon standard", "Si標準試料", "2025-11-18 09:30")
        {
            Owner = "staff",
            Minutes = 12,
            Experiment = powder,
        };
        yield return new(proposal, "S0002-nickel", "Nickel powder, heating", "ニッケル粉末 昇温", "2025-11-18 10:10")
        {
            Owner = "yamamoto",
            Minutes = 60,
            Experiment = powder with
            {
                Sample = new("Nickel", "Ni", "Demo Metals", "NI-11"),
                Phases = [(CubicCrystal.Nickel, 1)],
                Temperatures = Ramp(298, 773, 6),
                Expansion = 13.4e-6,
            },
        };
        yield return new(proposal, "S0003-copper", "Copper powder, heating", "銅粉末 昇温", "2025-11-18 11:40")
        {
            Owner = "yamamoto",
            Minutes = 60,
            Experiment = powder with
            {
                Sample = new("Copper", "Cu", "Demo Metals", "CU-04"),
                Phases = [(CubicCrystal.Copper, 1)],
                Temperatures = Ramp(298, 773, 6),
                Expansion = 16.5e-6,
            },
        };
        yield return new(proposal, "S0004-iron-copper", "Iron and copper, mixed", "鉄・銅混合粉末", "2025-11-18 13:20")
        {
            Owner = "leader",
            Experiment = powder with
            {
                Sample = new("Iron with 20 % copper", "Fe0.8Cu0.2", "Demo Metals", "FC-20"),
                Phases = [(CubicCrystal.Iron, 0.8), (CubicCrystal.Copper, 0.2)],
            },
        };
    }

    static IEnumerable<DemoSequence> FuelCell()
    {
        var proposal = DemoProposals.FuelCell;
        var foil = new XafsMeasurement
        {
            Edge = AbsorptionEdge.PtL3,
            Shells = [new(12, 2.775, 0.0048, 78), new(6, 3.924, 0.0070, 78), new(24, 4.806, 0.0078, 78)],
            WhiteLine = 0.45,
        };
        var reduced = foil with
        {
            Shells = [new(8.6, 2.755, 0.0066, 78), new(3.2, 3.90, 0.0095, 78)],
            WhiteLine = 0.52,
            EdgeStep = 0.6,
        };
        var oxidised = reduced with
        {
            Shells = [new(4.1, 2.755, 0.0070, 78), new(2.4, 2.01, 0.0060, 8)],
            WhiteLine = 0.95,
            ShiftEv = 0.8,
        };
        var catalyst = new DemoSample("Platinum on carbon, 46 wt%", "Pt/C", "Demo Catalysts", "TEC-D50", "D50");
        yield return new(proposal, "S0001-pt-foil", "Pt foil", "Pt箔", "2026-06-02 10:00")
        {
            Owner = "staff",
            Minutes = 20,
            Experiment = new DemoXafs(new("Platinum", "Pt-foil", "Demo Metals", "PT-01", "PT-713"), foil),
        };
        yield return new(proposal, "S0002-ptc-as-received", "Pt/C as received", "Pt/C 受入まま", "2026-06-02 10:45")
        {
            Owner = "leader",
            SharedWith = ("watanabe", Right.Read),
            Experiment = new DemoXafs(catalyst, oxidised),
        };
        yield return new(
            proposal,
            "S0003-ptc-reduced",
            "Pt/C reduced in hydrogen",
            "Pt/C 水素還元後",
            "2026-06-02 11:40"
        )
        {
            Owner = "leader",
            Experiment = new DemoXafs(catalyst, reduced),
        };
        yield return new(proposal, "S0004-ptc-0v4", "Pt/C at 0.4 V", "Pt/C 電位 0.4 V", "2026-06-02 13:30")
        {
            Owner = "member",
            Experiment = new DemoXafs(catalyst, reduced with { WhiteLine = 0.55 }) { Scans = 5 },
        };
        yield return new(proposal, "S0005-ptc-1v0", "Pt/C at 1.0 V", "Pt/C 電位 1.0 V", "2026-06-02 14:50")
        {
            Owner = "member",
            Experiment = new DemoXafs(catalyst, oxidised with { WhiteLine = 0.8 }) { Scans = 5 },
        };
        yield return new(
            proposal,
            "S0006-ptc-1v2",
            "Pt/C at 1.2 V (in progress)",
            "Pt/C 電位 1.2 V(測定中)",
            "2026-06-02 16:20"
        )
        {
            Owner = "leader",
            StaysOpen = true,
            Experiment = new DemoXafs(catalyst, oxidised) { Scans = 1 },
        };
    }

    static IEnumerable<DemoSequence> Corrosion()
    {
        var proposal = DemoProposals.Corrosion;
        var copper = new XafsMeasurement
        {
            Edge = AbsorptionEdge.CuK,
            Shells = [new(12, 2.556, 0.0086, 29), new(6, 3.615, 0.012, 29), new(24, 4.427, 0.013, 29)],
            WhiteLine = 0.15,
        };
        var iron = copper with
        {
            Edge = AbsorptionEdge.FeK,
            Shells = [new(8, 2.482, 0.0050, 26), new(6, 2.866, 0.0062, 26), new(12, 4.053, 0.0085, 26)],
        };
        var hematite = iron with
        {
            Shells = [new(3, 1.945, 0.004, 8), new(3, 2.116, 0.005, 8), new(4, 2.97, 0.006, 26)],
            WhiteLine = 0.6,
            ShiftEv = 8,
        };
        yield return new(proposal, "S0001-cu-foil", "Cu foil", "Cu箔", "2025-12-03 09:40")
        {
            Owner = "ito",
            Minutes = 20,
            Experiment = new DemoXafs(new("Copper", "Cu-foil", "Demo Metals", "CU-04", "CU-113"), copper),
        };
        yield return new(proposal, "S0002-cuo", "CuO", "酸化銅(II)", "2025-12-03 10:20")
        {
            Owner = "ito",
            Experiment = new DemoXafs(
                new("Copper(II) oxide in boron nitride", "CuO", "Demo Chemicals", "CO-77"),
                copper with
                {
                    Shells = [new(4, 1.955, 0.0045, 8), new(8, 2.95, 0.009, 29)],
                    WhiteLine = 0.55,
                    ShiftEv = 4.5,
                }
            ),
        };
        yield return new(proposal, "S0003-fe-foil", "Fe foil", "Fe箔", "2025-12-03 11:10")
        {
            Owner = "yamamoto",
            Minutes = 20,
            SharedWith = ("yamamoto", Right.Manage),
            Experiment = new DemoXafs(new("Iron", "Fe-foil", "Demo Metals", "FE-02", "FE-223"), iron),
        };
        yield return new(proposal, "S0004-hematite", "α-Fe2O3", "α-Fe2O3(ヘマタイト)", "2025-12-03 13:00")
        {
            Owner = "ito",
            Experiment = new DemoXafs(new("Hematite in boron nitride", "Fe2O3", "Demo Chemicals", "FO-12"), hematite),
        };
        yield return new(proposal, "S0005-rust", "Rust from a steel bridge", "橋梁鋼材のさび", "2025-12-03 14:10")
        {
            Owner = "ito",
            Minutes = 60,
            Experiment = new DemoXafs(
                new("Rust, scraped off and pressed", null, "ito", "BRIDGE-3"),
                hematite with
                {
                    WhiteLine = 0.45,
                    ShiftEv = 6.5,
                }
            )
            {
                Scans = 6,
            },
        };
    }

    static IEnumerable<DemoSequence> Pores()
    {
        var proposal = DemoProposals.Pores;
        var small = new TomographyScan { Projections = 91 };
        var large = new TomographyScan
        {
            Height = 240,
            Width = 300,
            Projections = 181,
            Flats = 10,
            Darks = 10,
        };
        var sandstone = new DemoSample("Sandstone, cored 2 mm", "SiO2", "watanabe", "BEREA-1");
        yield return new(
            proposal,
            "S0001-alignment",
            "Alignment with a glass sphere",
            "ガラス球による軸調整",
            "2026-07-07 09:10"
        )
        {
            Owner = "kobayashi",
            Minutes = 15,
            Experiment = new DemoTomography(
                new("Glass sphere", "SiO2", "Demo Glass", "GS-1"),
                small,
                Pores: 0,
                MuPerMm: 1.1
            ),
        };
        yield return new(proposal, "S0002-sandstone-a", "Sandstone A", "砂岩A", "2026-07-07 10:00")
        {
            Owner = "watanabe",
            SharedWith = ("leader", Right.Read),
            Experiment = new DemoTomography(sandstone, large, Pores: 140, MuPerMm: 0.9),
        };
        yield return new(
            proposal,
            "S0003-sandstone-b",
            "Sandstone B, brine flooded",
            "砂岩B 塩水飽和",
            "2026-07-07 11:15"
        )
        {
            Owner = "watanabe",
            Experiment = new DemoTomography(sandstone with { LotNumber = "BEREA-2" }, large, Pores: 90, MuPerMm: 1.2),
        };
        yield return new(proposal, "S0004-limestone", "Limestone (in progress)", "石灰岩(測定中)", "2026-07-07 13:40")
        {
            Owner = "takahashi",
            StaysOpen = true,
            Experiment = new DemoTomography(
                new("Limestone, cored 2 mm", "CaCO3", "watanabe", "INDIANA-1"),
                small,
                60,
                1.6
            ),
        };
    }

    static IEnumerable<DemoSequence> Lysozyme()
    {
        var proposal = DemoProposals.Lysozyme;
        var crystals = new DemoSample("Hen egg-white lysozyme, 5 um crystals", null, "takahashi", "HEWL-0626");
        yield return new(
            proposal,
            "S0001-water",
            "Water jet without crystals",
            "結晶なし水ジェット",
            "2026-06-26 09:00"
        )
        {
            Owner = "kobayashi",
            Minutes = 5,
            Experiment = new DemoSerial(
                new("Water", "H2O", "takahashi", "W-1"),
                new SerialRun { HitRate = 0 },
                Frames: 4
            ),
        };
        yield return new(proposal, "S0002-hewl-run1", "Lysozyme, run 1", "リゾチーム 第1回", "2026-06-26 09:40")
        {
            Owner = "takahashi",
            SharedWith = ("member", Right.Read),
            Experiment = new DemoSerial(crystals, new SerialRun { HitRate = 0.35 }, Frames: 20),
        };
        yield return new(
            proposal,
            "S0003-hewl-run2",
            "Lysozyme, run 2, denser jet",
            "リゾチーム 第2回 高濃度",
            "2026-06-26 10:30"
        )
        {
            Owner = "watanabe",
            Experiment = new DemoSerial(crystals, new SerialRun { HitRate = 0.6 }, Frames: 20),
        };
        yield return new(
            proposal,
            "S0004-hewl-run3",
            "Lysozyme, run 3 (in progress)",
            "リゾチーム 第3回(測定中)",
            "2026-06-26 11:20"
        )
        {
            Owner = "takahashi",
            StaysOpen = true,
            Experiment = new DemoSerial(crystals, new SerialRun { HitRate = 0.5 }, Frames: 6),
        };
    }

    /// <summary>Temperatures in K at equal steps, both ends included, whole degrees.</summary>
    static double[] Ramp(double fromKelvin, double toKelvin, int steps) =>
        [
            .. Enumerable
                .Range(0, steps)
                .Select(i => Math.Round(fromKelvin + ((toKelvin - fromKelvin) * i / (steps - 1)))),
        ];
}
