"""The words that fictitious people, schools and places are named with: plants, birds, stones."""


def _words(text: str) -> list[str]:
    return text.split()


SURNAMES = _words(
    "ABSINTHE AIGUE-MARINE AIRELLE AJONC ALISIER ALOUETTE AMARANTE ANGÉLIQUE ARGOUSIER ARNICA "
    "ARTICHAUT AUBRIÈTE AVENTURINE BALISIER BALSAMINE BELETTE BLEUET BOLET BOULEAU BOURRACHE "
    "BRUYÈRE BUGLOSSE CAILLOU CALCÉDOINE CARDON CASSIS CENTAURÉE CERFEUIL CÈPE CHAMOIS CHÂTAIGNE "
    "CHICORÉE CHOUETTE COLCHIQUE COQUILLAGE CORIANDRE CORNOUILLER CRESSON CYPRÈS DAUPHINELLE "
    "DOLOMITE ÉCUREUIL ÉGLEFIN ÉPINARD ÉRABLE ESCARGOT FENOUIL FÉTUQUE FLAMANT FOUGÈRE FRÊNE "
    "FUSAIN GARANCE GARDÉNIA GENÉVRIER GERBERA GLAÏEUL GLYCINE GRÈBE GUIMAUVE HÉRISSON HÊTRE "
    "HIBISCUS HOUBLON HYSOPE IMMORTELLE IRIS JASMIN JASPE LAITUE LIERRE LILAS LOTUS LUZERNE "
    "MÂCHE MARJOLAINE MARMOTTE MARTRE MÉLISSE MERISE MIMOSA MOUFLON MYRTILLE NARCISSE NÉFLIER "
    "OLIVINE ONYX ORIGAN ORTIE OSEILLE PALOMBE PANAIS PERDREAU PÉTUNIA PINSON PISTACHE PIVOINE "
    "PLATANE POTIRON PRUNELLE PYRITE RADIS RAIPONCE RÉGLISSE RÉSÉDA RICIN ROMARIN RUTABAGA SAFRAN "
    "SALICORNE SARRIETTE SAUGE SAULE SAXIFRAGE SORBIER SUREAU TANCHE TOPINAMBOUR TRUITE TURQUOISE "
    "VANNEAU VÉRONIQUE VIOLETTE VISON ZINNIA"
)
MALE = _words(
    "Abel Adam Amine Anatole Antonin Armand Basile Camille Côme Diego Élie Émilien Ernest Étienne "
    "Fabien Gaspard Germain Hector Henri Idriss Jacques Joachim Karim Léandre Lionel Lucien Marius "
    "Mathurin Max Nino Oscar Pablo Paulin Quentin René Robin Sacha Samuel Sylvain Tristan Victor "
    "Yanis Youri Zéphyr"
)
FEMALE = _words(
    "Abigaëlle Alba Alix Amina Andréa Angèle Apolline Augustine Bérénice Blanche Capucine Carole "
    "Célia Clara Constance Diane Édith Élise Emma Estelle Fanny Flore Garance Hanna Irène Iris "
    "Jeanne Jasmine Lina Livia Lucie Mahaut Margaux Myriam Nadia Nina Odette Olympe Pauline Prune "
    "Rose Sarah Suzanne Victoire"
)
TOWNS_BEFORE = _words("Bourg Val Mont Pont Roche Font Clair Haut Bel Beau Ville Champ Puy Castel")
TOWNS_AFTER = _words(
    "Airelle Ajonc Alouette Bleuet Bouleau Bruyère Cassis Chamois Châtaigne Écureuil Érable Frêne "
    "Garance Glycine Hérisson Hêtre Houblon Lierre Lilas Marmotte Merise Mimosa Narcisse Pinson "
    "Pivoine Platane Romarin Safran Saule Sorbier Sureau Truite Vanneau Violette"
)
SCHOOLS = (
    "des Alouettes",
    "des Érables",
    "du Ruisseau",
    "de la Clairière",
    "du Grand-Pré",
    "des Mésanges",
    "du Verger",
    "de la Fontaine",
    "des Platanes",
    "du Moulin",
    "de la Colline",
    "des Bleuets",
    "du Lavoir",
    "de la Source",
    "des Quatre-Vents",
    "du Sentier",
    "des Hêtres",
    "de l'Étang",
    "du Coteau",
    "de la Passerelle",
    "",  # some have no name of their own
)
